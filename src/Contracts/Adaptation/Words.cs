namespace VioActors.Contracts.Adaptation;

/// <summary>What a site's manager does by itself.</summary>
public enum AdaptMode
{
    /// <summary>Nothing: it makes a plan when somebody asks, and carries out what somebody applies.</summary>
    Manual,

    /// <summary>It changes CPU weights, quotas and balloons; moves are only shown.</summary>
    Partial,

    /// <summary>It carries out whole plans, moves included.</summary>
    Automatic,
}

/// <summary>What became of one change of a plan.</summary>
public enum ChangePhase
{
    /// <summary>It was shown, and nobody asked for it.</summary>
    Shown,

    /// <summary>It waits for its turn: so many changes at a time per host.</summary>
    Waiting,

    /// <summary>It is being carried out.</summary>
    Running,

    /// <summary>The environment did it.</summary>
    Done,

    /// <summary>It was not begun: the site is not any more as the plan saw it, or the environment refused.</summary>
    Refused,

    /// <summary>It was begun and failed.</summary>
    Failed,
}

/// <summary>Which policy makes plans.</summary>
/// <param name="Name"><c>vio</c> or <c>violin-2007</c>.</param>
/// <param name="Options">
/// Options that are not as usual, as they are written in a policy file; checked against the policy's own.
/// </param>
public sealed record PolicyChoice(
    string Name, System.Collections.Immutable.ImmutableSortedDictionary<string, string> Options)
{
    /// <summary>The default policy with its usual options.</summary>
    public static readonly PolicyChoice Default = Of("vio");

    /// <summary>A policy with its usual options.</summary>
    public static PolicyChoice Of(string name) =>
        new(name, System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty);
}
