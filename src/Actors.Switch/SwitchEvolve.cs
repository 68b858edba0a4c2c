using System.Collections.Immutable;
using VioActors.Contracts.Networks;

namespace VioActors.Actors.Switch;

/// <summary>The state after an event: total, and free of decisions.</summary>
internal static class SwitchEvolve
{
    internal static SwitchState Apply(SwitchState state, object @event) => @event switch
    {
        SwitchPartSet e => state with
        {
            Version = state.Version + 1,
            Sending = state.Connected,
            Parts = state.Parts.SetItem(e.Environment, new SwitchPart(e.Version, state.Version + 1, e.Part)),
        },
        SwitchReachSet e => state with
        {
            Version = state.Version + 1,
            Sending = state.Connected,
            ReachVersion = e.Version,
            Relays = [.. e.Relays],
            Routes = [.. e.Routes],
        },
        // A host that connects may have lost everything: all parts count as not applied until it says so.
        SwitchCame e => state with
        {
            Endpoint = e.Endpoint,
            Connected = true,
            Version = state.Version + 1,
            Sending = true,
            Parts = state.Parts.ToImmutableSortedDictionary(
                part => part.Key, part => part.Value with { WantedVersion = state.Version + 1 }),
        },
        SwitchWent => state with { Connected = false, Sending = false },
        SwitchApplied e => Applied(state, e.Version),
        SwitchNotApplied => state with { Failures = state.Failures + 1, Sending = false },
        SwitchResent => state with { Sending = true },
        _ => throw new InvalidOperationException($"A switch has no event {@event.GetType().Name}."),
    };

    private static SwitchState Applied(SwitchState state, long version) => state with
    {
        Applied = Math.Max(state.Applied, version),
        Failures = 0,
        Sending = state.Sending && version < state.Version,
        Parts = state.Parts.RemoveRange(state.Parts
            .Where(part => part.Value.Content is null && part.Value.WantedVersion <= version).Select(part => part.Key)),
    };
}
