using System.Collections.Immutable;

namespace VioActors.Contracts.Api;

/// <summary>The site's store, as the server that answers sees it.</summary>
public sealed record StoreView
{
    /// <summary><c>sqlite</c> or <c>postgresql</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The site's generation.</summary>
    public required long Generation { get; init; }

    /// <summary>Position of the journal's last event.</summary>
    public required long Position { get; init; }

    /// <summary>The generation that the last adoption began; 0 for none.</summary>
    public required long Adopted { get; init; }

    /// <summary>Set while the store knows less than somebody has seen, and nothing may be changed.</summary>
    public Failure? Behind { get; init; }

    /// <summary>With <see cref="Behind"/>: who saw more.</summary>
    public string? Witness { get; init; }

    /// <summary>With <see cref="Behind"/>: the generation that the witness saw.</summary>
    public long? SeenGeneration { get; init; }

    /// <summary>With <see cref="Behind"/>: the position that the witness saw.</summary>
    public long? SeenPosition { get; init; }
}

/// <summary>The store counts from now on.</summary>
/// <param name="Generation">The new generation.</param>
/// <param name="Position">Where it begins.</param>
public sealed record AdoptedView(long Generation, long Position);

/// <summary>What was looked over, and what is wrong.</summary>
/// <param name="Events">Events in the journal.</param>
/// <param name="Actors">Actors that have events.</param>
/// <param name="Waiting">Messages, timers and effects that wait.</param>
/// <param name="Findings">Empty when all is well; at most about 100.</param>
public sealed record StoreReport(long Events, int Actors, int Waiting, ImmutableArray<StoreFindingView> Findings);

/// <summary>Something that no version of ours writes.</summary>
/// <param name="Check">Which rule it breaks.</param>
/// <param name="Subject">Where.</param>
/// <param name="What">One sentence.</param>
public sealed record StoreFindingView(string Check, string Subject, string What);
