using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Actors.Switch;

/// <summary>The wanted state of one host's switch. Changed only by <see cref="SwitchEvolve"/>.</summary>
public sealed record SwitchState
{
    /// <summary>The host, known from the key.</summary>
    public required HostId Host { get; init; }

    /// <summary>Where other hosts reach its switch; null before its first connection.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Whether its agent is connected.</summary>
    public bool Connected { get; init; }

    /// <summary>Version of the wanted state; rises with every change and every new connection.</summary>
    public long Version { get; init; }

    /// <summary>Highest version that the host said it applied.</summary>
    public long Applied { get; init; }

    /// <summary>Failures since the last success; part of the effect's id, and the reason to wait longer.</summary>
    public int Failures { get; init; }

    /// <summary>Whether an effect with the wanted state is under way; there is never more than one.</summary>
    public bool Sending { get; init; }

    /// <summary>Each environment's part; a removed one stays, without content, until that is applied.</summary>
    public ImmutableSortedDictionary<EnvironmentId, SwitchPart> Parts { get; init; } =
        ImmutableSortedDictionary<EnvironmentId, SwitchPart>.Empty;

    /// <summary>Version of the site's reach that <see cref="Relays"/> and <see cref="Routes"/> are of.</summary>
    public long ReachVersion { get; init; }

    /// <summary>Hosts to have tunnels with for passing on.</summary>
    public ImmutableArray<SwitchRelay> Relays { get; init; } = [];

    /// <summary>Chains of hosts that this one is part of.</summary>
    public ImmutableArray<ReachRoute> Routes { get; init; } = [];

    /// <summary>Id of the effect that carries, or carried, the newest wanted state.</summary>
    public string EffectId() => $"switch-{Version}-{Failures}";
}

/// <summary>One environment's part.</summary>
/// <param name="Version">Version of the network's table.</param>
/// <param name="WantedVersion">Version of the host's wanted state that brought it.</param>
/// <param name="Content">What the switch shall hold; null removes it.</param>
public sealed record SwitchPart(long Version, long WantedVersion, SwitchEnvironment? Content);
