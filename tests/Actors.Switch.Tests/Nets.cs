using VioActors.Actors.Testing;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Networks;
using VioActors.Runtime;

namespace VioActors.Actors.Switch.Tests;

/// <summary>Networks and switches as tests need them.</summary>
internal static class Nets
{
    internal static readonly EnvironmentId Astro = EnvironmentId.From("s01.astro");
    internal static readonly HostId[] Hosts = [HostId.From("h-a"), HostId.From("h-b"), HostId.From("h-c")];
    internal static readonly ActorKey Asker = new(ActorKinds.Environment, Astro.Value);
    internal static readonly ActorKey NetworkKey = new(ActorKinds.Network, Astro.Value);
    internal static readonly Failure Away = new(FailureCode.HostUnreachable, "The host is away.", "Start its agent.");
    internal static readonly Failure Broken = new("switch-broken", "The switch has no memory.", "Add some.");

    internal static ActorKey SwitchOf(HostId host) => new(ActorKinds.Switch, host.Value);

    internal static NodeId Node(int index) => NodeId.Of(new Guid(index, 0, 0, new byte[8]));

    internal static PlugItem Item(int node, HostId host) =>
        new(Node(node), $"52:54:00:00:00:{node:x2}", $"10.10.0.{node}", host);

    internal static ActorHarness<NetworkState> Network(string subnet = "10.10.0.0/24")
    {
        var network = new ActorHarness<NetworkState>(new NetworkActor(), NetworkKey);
        network.Hear(Asker, new CreateNetwork(Astro, subnet));
        return network;
    }

    /// <summary>A network with node 1 on the first host, node 2 on the second and so on, applied everywhere.</summary>
    internal static ActorHarness<NetworkState> Plugged(int hosts)
    {
        var network = Network();
        network.Hear(Asker, new Plug("p0", [.. Enumerable.Range(0, hosts).Select(i => Item(i + 1, Hosts[i]))]));
        foreach (var host in Hosts.Take(hosts))
            network.Report(host, endpoint: $"{host}:7000");
        Assert.Empty(network.State.Waits);
        return network;
    }

    internal static Decision Report(
        this ActorHarness<NetworkState> network, HostId host, long? version = null, Failure? failure = null,
        string? endpoint = null) =>
        network.Hear(SwitchOf(host), new SwitchPartApplied(
            Astro, host, version ?? network.State.Version, endpoint, failure));

    internal static ActorHarness<SwitchState> Switch(HostId host) => new(new SwitchActor(), SwitchOf(host));

    internal static Decision Connect(this ActorHarness<SwitchState> @switch) => @switch.Hear(
        new ActorKey(ActorKinds.Host, @switch.Self.Id),
        new SwitchHostConnected(HostId.From(@switch.Self.Id), $"{@switch.Self.Id}:7000"));

    internal static Decision Disconnect(this ActorHarness<SwitchState> @switch) => @switch.Hear(
        new ActorKey(ActorKinds.Host, @switch.Self.Id), new SwitchHostDisconnected(HostId.From(@switch.Self.Id)));

    internal static SwitchEnvironment Part(string environment = "s01.astro") =>
        new() { Environment = EnvironmentId.From(environment), Subnet = "10.10.0.0/24" };

    internal static Decision Set(
        this ActorHarness<SwitchState> @switch, long version, bool remove = false, string environment = "s01.astro") =>
        @switch.Hear(
            new ActorKey(ActorKinds.Network, environment),
            new SetSwitchPart(EnvironmentId.From(environment), version, remove ? null : Part(environment)));

    internal static void AssertFailure(Failure? failure, string code, string text)
    {
        Assert.NotNull(failure);
        ActorHarness<NetworkState>.AssertReadable(failure.Code, failure.Reason, failure.Remedy);
        Assert.Equal(code, failure.Code);
        Assert.Contains(text, failure.Reason);
    }
}
