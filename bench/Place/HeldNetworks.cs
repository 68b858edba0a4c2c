using System.Collections.Concurrent;
using VioActors.Contracts;
using VioActors.Contracts.Networks;
using VioActors.Runtime;

namespace VioActors.Bench.Place;

/// <summary>The state of a network that never answers.</summary>
internal sealed record HeldNetwork;

/// <summary>
/// Networks that take what environments ask of them and never answer, so that every saga rests right behind the booking
/// of its last node. An environment asks in the turn that saw its last booking, and is heard only after that was
/// committed. Tells who waits for an environment; thread-safe.
/// </summary>
internal sealed class HeldNetworks : IActor<HeldNetwork>
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _placed = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string Kind => ActorKinds.Network;

    /// <summary>Completes when the environment has asked for its ports: all its nodes have their room.</summary>
    public Task PlacedAsync(EnvironmentId environment) => Of(environment.Value).Task;

    /// <inheritdoc/>
    public HeldNetwork Initial(ActorKey self) => new();

    /// <inheritdoc/>
    public Decision Decide(HeldNetwork state, object message, in TurnInfo info)
    {
        if (message is Plug) Of(info.Self.Id).TrySetResult();
        return Decision.Nothing;
    }

    /// <inheritdoc/>
    public HeldNetwork Evolve(HeldNetwork state, object @event) => state;

    private TaskCompletionSource Of(string environment) => _placed.GetOrAdd(
        environment, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
