using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Planning;
using VioActors.Actors.Adaptation.Vio;
using VioActors.Actors.Adaptation.Violin;

namespace VioActors.Daemon.Cli.Fleet;

/// <summary>The planners that ship, by name.</summary>
internal static class WorldPolicies
{
    /// <summary>All names; <c>none</c> does nothing, <c>vio-saving</c> is <c>vio</c> that lets hosts sleep.</summary>
    public static ImmutableArray<string> Names { get; } = ["none", "violin-2007", "vio", "vio-saving"];

    /// <summary>The planner of a name; null for <c>none</c>.</summary>
    /// <param name="name">Which.</param>
    /// <param name="options">Parameters of <c>vio</c>.</param>
    public static IPlanner? Of(string name, VioOptions options) => name switch
    {
        "none" => null,
        "violin-2007" => new ViolinPlanner(ViolinOptions.Corrected),
        "vio" => new VioPlanner(options),
        "vio-saving" => new VioPlanner(options with { PowerSaving = true }),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such policy."),
    };
}
