using System.Text.Json;

namespace VioActors.Runtime;

/// <summary>One event as readers of the whole journal see it.</summary>
/// <param name="Position">Rises along the journal; resume after it.</param>
/// <param name="Actor">Whose event.</param>
/// <param name="Seq">Its number in that actor's history, from 1.</param>
/// <param name="Body">As stored.</param>
/// <param name="Event">As an object; null when this version cannot read it.</param>
/// <param name="Principal">Who asked for it.</param>
/// <param name="TurnId">The turn that recorded it.</param>
/// <param name="At">When, by the clock of the server that decided.</param>
/// <param name="Generation">Site generation of the writer.</param>
/// <param name="Epoch">Epoch of the writer's shard.</param>
public sealed record JournalEntry(
    long Position, ActorKey Actor, long Seq, Body Body, object? Event, string Principal, string TurnId,
    DateTimeOffset At, long Generation, long Epoch)
{
    /// <summary>A stored row, as this version reads it.</summary>
    public static JournalEntry From(JournalRow row, MessageCodec codec)
    {
        var e = row.Event;
        return new JournalEntry(
            row.Position, e.Actor, e.Seq, e.Body, Read(e.Body, codec), e.Principal, e.TurnId, e.At,
            row.Generation, row.Epoch);
    }

    private static object? Read(Body body, MessageCodec codec)
    {
        try
        {
            return codec.Decode(body);
        }
        catch (Exception e) when (e is UnknownNameException or JsonException)
        {
            return null;
        }
    }
}
