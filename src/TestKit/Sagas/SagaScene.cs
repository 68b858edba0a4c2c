using VioActors.Runtime;

namespace VioActors.TestKit;

/// <summary>How far a saga is.</summary>
public enum SagaEnd
{
    /// <summary>It goes on, forward or back.</summary>
    Running,

    /// <summary>All its steps are done.</summary>
    Done,

    /// <summary>It gave up, and took back what it had done.</summary>
    Undone,
}

/// <summary>
/// A saga about to begin, in a world of its own. <see cref="SagaConformance"/> takes a new one per run.
/// </summary>
public sealed record SagaScene
{
    /// <summary>The actors that take part, without the handlers of <see cref="Steps"/>.</summary>
    public required ActorSetup Actors { get; init; }

    /// <summary>
    /// The handlers that do and undo the steps in the world outside. The suite puts itself before them.
    /// </summary>
    public required IReadOnlyList<IEffectHandler> Steps { get; init; }

    /// <summary>Asks for the saga; returns when it was accepted.</summary>
    public required Action<TestActors> Begin { get; init; }

    /// <summary>How far it is, by its actor's state.</summary>
    public required Func<TestActors, SagaEnd> End { get; init; }

    /// <summary>All that matters of the world outside, in words: equal words, equal worlds.</summary>
    public required Func<string> World { get; init; }
}
