using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Planning;
using VioActors.Actors.Adaptation.Vio;
using VioActors.Actors.Adaptation.Violin;

namespace VioActors.Daemon.Cli.Fleet;

/// <summary>The planners that ship, by name.</summary>
internal static class WorldPolicies
{
    /// <summary>All names; <c>none</c> adapts nothing.</summary>
    public static ImmutableArray<string> Names { get; } = ["none", "violin-2007", "vio"];

    /// <summary>The planner of a name; null for <c>none</c>.</summary>
    public static IPlanner? Of(string name) => name switch
    {
        "none" => null,
        "violin-2007" => new ViolinPlanner(ViolinOptions.Corrected),
        "vio" => new VioPlanner(new VioOptions()),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such policy."),
    };
}
