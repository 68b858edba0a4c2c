using VioActors.Actors.Testing;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Hosts;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Actors.Host.Tests;

/// <summary>Hosts as tests need them.</summary>
internal static class Hosts
{
    internal static readonly HostId Id = HostId.From("h-1");
    internal static readonly SiteId Site = SiteId.From("s01");
    internal static readonly EnvironmentId Astro = EnvironmentId.From("s01.astro");
    internal static readonly EnvironmentId Boson = EnvironmentId.From("s01.boson");

    internal static readonly HostFacts Facts = new()
    {
        Name = "a",
        MemoryMiB = 2048,
        Cores = 2,
        DiskMiB = 10_000,
        Hypervisor = "sim 1",
        MachineTypes = ["pc-1"],
        SwitchEndpoint = "10.0.0.1:7000",
        MoveEndpoint = "10.0.0.1:7001",
    };

    internal static ActorHarness<HostState> New() => new(new HostActor(), new ActorKey(ActorKinds.Host, Id.Value));

    internal static ActorHarness<HostState> Connected()
    {
        var host = New();
        host.Connect();
        return host;
    }

    internal static Decision Connect(
        this ActorHarness<HostState> host, HostFacts? facts = null, params NodeObservation[] nodes) =>
        host.Ask(new HostConnected(Id, facts ?? Facts, nodes, Site), "agent:h-1");

    internal static Decision Disconnect(this ActorHarness<HostState> host) =>
        host.Ask(new HostDisconnected(Id), "agent:h-1");

    internal static NodeId Node(int index) => NodeId.Of(new Guid(index, 0, 0, new byte[8]));

    internal static ActorKey Key(this EnvironmentId environment) => new(ActorKinds.Environment, environment.Value);

    internal static BookAnswer Book(
        this ActorHarness<HostState> host, int node, int memoryMiB, long diskMiB = 0, EnvironmentId? by = null) =>
        host.Hear((by ?? Astro).Key(), new Book("b", by ?? Astro, Node(node), memoryMiB, 1, diskMiB)).One<BookAnswer>();

    internal static Decision Command(
        this ActorHarness<HostState> host, string requestId, AgentCommand command, EnvironmentId? by = null) =>
        host.Hear((by ?? Astro).Key(), new HostCommand(requestId, by ?? Astro, command));

    internal static AgentCommand Observe(int node) => new ObserveNode { Node = Node(node) };

    internal static NodeObservation Seen(int node, NodePresence presence, EnvironmentId? environment = null) =>
        new() { Node = Node(node), Presence = presence, Run = 3, Environment = environment };

    internal static void AssertFailure(Failure? failure, string code, string text)
    {
        Assert.NotNull(failure);
        ActorHarness<HostState>.AssertReadable(failure.Code, failure.Reason, failure.Remedy);
        Assert.Equal(code, failure.Code);
        Assert.Contains(text, failure.Reason);
    }
}
