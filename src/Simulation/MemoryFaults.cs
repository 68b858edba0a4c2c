using VioActors.Runtime;

namespace VioActors.Simulation;

/// <summary>What happens to one commit.</summary>
public enum CommitFault
{
    /// <summary>It works.</summary>
    None,

    /// <summary>The store says that it cannot write (disk full); nothing is stored.</summary>
    Refuse,

    /// <summary>The call fails and nothing is stored, but the caller cannot know.</summary>
    FailBefore,

    /// <summary>The call fails although everything is stored.</summary>
    FailAfter,

    /// <summary>The call fails, and the commit arrives at the store after the store's next answer.</summary>
    FailLate,
}

/// <summary>The faults of a <see cref="MemoryStore"/>, decided by the test or the simulator at each call.</summary>
public sealed class MemoryFaults
{
    /// <summary>
    /// Awaited before each operation (<c>claim</c>, <c>renew</c>, <c>commit</c>, <c>load-shards</c> ...); may delay or
    /// throw.
    /// </summary>
    public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Awaited after each operation took effect, before its caller hears; may delay or throw.</summary>
    public Func<string, Task> After { get; set; } = _ => Task.CompletedTask;

    /// <summary>Decides the fate of each commit.</summary>
    public Func<IReadOnlyList<ShardBatch>, CommitFault> OnCommit { get; set; } = _ => CommitFault.None;
}
