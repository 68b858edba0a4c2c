using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Agent.Switching;
using VioActors.Switch.DataPlane;

namespace VioActors.EndToEnd.Switch;

/// <summary>A host's own machine as a node: it has an interface in the environment and nothing else of it.</summary>
public class HybridTapTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task AMachineWithATapReachesNodesOnBothHostsUntilItLeaves()
    {
        await using SwitchLab lab = await SwitchLab.StartAsync();
        WantedPort tap = new()
        {
            Tap = "vioh3",
            Kind = "tap",
            NetworkBits = 16,
            Node = "n3",
            Mac = SwitchLab.Mac(3),
            Ip = SwitchLab.Ip(3),
            Mtu = 1400,
        };
        Assert.Empty((await lab.A.ApplyAsync(State(1, SwitchLab.Port("1", 1), tap), None)).Errors);
        Assert.Empty((await lab.B.ApplyAsync(State(1, SwitchLab.Port("2", 2)), None)).Errors);
        lab.AddGuest("a", "1", 1);
        lab.AddGuest("b", "2", 2);
        await lab.WaitUpAsync("e");
        string link = Shell.In(lab.Namespace("a"), "ip", "address", "show", "dev", "vioh3");
        Assert.Contains("10.1.0.3/16", link);
        Assert.Contains("mtu 1400", link);
        Assert.Contains(SwitchLab.Mac(3), link);
        Assert.DoesNotContain("inet6", link);
        foreach (int node in (int[])[1, 2])
            Shell.In(lab.Namespace("a"), "busybox", "ping", "-c", "3", "-w", "5", "-s", "1300", SwitchLab.Ip(node));
        PortStatus port = (await lab.A.StatusAsync(None)).Environments[0].Ports.Single(p => p.Node == "n3");
        Assert.Equal(("tap", "csum tso4 tso6 ecn"), (port.Kind, port.Offloads));

        // What it forges is dropped as of any node.
        Shell.In(lab.Namespace("a"), "ip", "address", "add", "10.1.0.77/16", "dev", "vioh3");
        Shell.TryIn(lab.Namespace("a"), "busybox", "ping", "-c", "1", "-w", "1", "-I", "10.1.0.77", SwitchLab.Ip(2));
        port = (await lab.A.StatusAsync(None)).Environments[0].Ports.Single(p => p.Node == "n3");
        Assert.NotEqual(0, port.Counters["dropSpoofedIp"] + port.Counters["dropSpoofedArp"]);

        await lab.A.ApplyAsync(State(2, SwitchLab.Port("1", 1)), None);
        Assert.DoesNotContain("vioh3", Shell.In(lab.Namespace("a"), "ip", "-br", "link"));
    }

    [Fact]
    public async Task TheSitesWordsForAMachineGiveItsHostTheInterface()
    {
        await using SwitchLab lab = await SwitchLab.StartAsync();
        var machine = new NodeId("00000003-0000-0000-0000-000000000000");
        var wanted = new SwitchWanted
        {
            Generation = 1,
            Version = 1,
            Environments =
            [
                new Contracts.Agents.SwitchEnvironment
                {
                    Environment = EnvironmentId.From("e-1"),
                    Subnet = "10.1.0.0/16",
                    Members =
                    [
                        .. SwitchLab.Members().Select(member => new SwitchMember(
                            new HostId(member.Host), member.Endpoint, member.ProberMac!, member.ProberIp!)),
                    ],
                    Entries =
                    [
                        new SwitchEntry(
                            machine, SwitchLab.Mac(3), SwitchLab.Ip(3), new HostId("a"), null, 1, "desk",
                            IsMachine: true),
                    ],
                },
            ],
        };
        ApplyReply reply = await lab.A.ApplyAsync(
            SwitchTranslation.Translate(wanted, new HostId("a"), SwitchLab.Endpoint("a")), None);
        Assert.Empty(reply.Errors);
        string link = Shell.In(
            lab.Namespace("a"), "ip", "address", "show", "dev", machine.InterfaceName('s'));
        Assert.Contains("10.1.0.3/16", link);

        // The other host's switch only knows where it is.
        Assert.Empty(SwitchTranslation.Translate(wanted, new HostId("b"), SwitchLab.Endpoint("b"))
            .Environments[0].Ports);
    }

    private static SwitchWantedState State(long version, params WantedPort[] ports) => new()
    {
        Version = version,
        Environments =
        [
            new WantedEnvironment
            {
                Id = "e",
                Members = SwitchLab.Members(),
                Ports = ports,
                Table = [SwitchLab.Node(1, "a"), SwitchLab.Node(2, "b"), SwitchLab.Node(3, "a")],
            },
        ],
    };
}
