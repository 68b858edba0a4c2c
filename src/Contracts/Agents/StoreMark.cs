namespace VioActors.Contracts.Agents;

/// <summary>
/// How far a site's store was when one of its servers looked. Agents keep the highest one and show it to every server,
/// so that a server notices when its store was replaced by an older copy, or went another way since.
/// </summary>
/// <param name="Generation">The site's generation.</param>
/// <param name="Position">Of the journal's last event; 0 for none.</param>
/// <param name="Event">Hash of that event; empty for none.</param>
/// <param name="Seal">Only the site's servers can make it: a host cannot invent a mark.</param>
public sealed record StoreMark(long Generation, long Position, string Event, string Seal)
{
    /// <summary>Whether the store was further here than there.</summary>
    public bool IsAfter(StoreMark other) =>
        (Generation, Position).CompareTo((other.Generation, other.Position)) > 0;
}
