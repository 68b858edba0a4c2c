using VioActors.Contracts.Agents;

namespace VioActors.Actors.VirtualCluster.Move;

/// <summary>What two observations together prove about a node that was being moved.</summary>
internal enum MoveVerdict
{
    /// <summary>Nothing yet: look again.</summary>
    Unclear,

    /// <summary>It runs on the target; the source does not execute it.</summary>
    There,

    /// <summary>It runs on the source; the target does not execute it.</summary>
    Here,

    /// <summary>Neither host has it: the machine ended during the move.</summary>
    Gone,
}

/// <summary>
/// The table behind a move's end. The hypervisor lets the target execute only after the source has stopped for good,
/// so a running target settles the question even when the source cannot be asked; a running source settles it only
/// when its job is over and the target, if it can be asked, does not execute.
/// </summary>
internal static class MoveTruth
{
    /// <param name="source">What the source saw; null when it could not be asked.</param>
    /// <param name="target">What the target saw; null when it could not be asked.</param>
    public static MoveVerdict Of(NodeObservation? source, NodeObservation? target) =>
        (source?.Presence, target?.Presence) switch
        {
            (NodePresence.Running, NodePresence.Running) => MoveVerdict.Unclear,
            (_, NodePresence.Running) => MoveVerdict.There,
            (NodePresence.Running, _) => source!.ActiveMove is null ? MoveVerdict.Here : MoveVerdict.Unclear,
            (NodePresence.Absent, NodePresence.Absent) => MoveVerdict.Gone,
            _ => MoveVerdict.Unclear,
        };
}
