using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>Kinds of ports in a wanted state and in the status; the daemon needs no rights for these.</summary>
public sealed class PortKindTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("viokind");
    private readonly TestSite _site = new("site1", TimeProvider.System.GetUtcNow());

    public void Dispose()
    {
        _site.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public void APortThatIsNotWhatItsKindSaysIsAnErrorThatNamesIt()
    {
        WantedPort joint = Port(1, "joint") with { Bridge = "b1" };
        WantedPort stream = Port(1, "stream") with { Socket = "m1.sock" };
        WantedPort tap = Port(1, "tap") with { NetworkBits = 16 };
        Assert.Empty(Errors(joint, "/run/x"));
        Assert.Empty(Errors(joint with { NodeTap = "q1" }, "/run/x"));
        Assert.Empty(Errors(stream, "/run/x"));
        Assert.Empty(Errors(stream with { Kind = "vhost-user" }, "/run/x"));
        Assert.Empty(Errors(tap, null));
        (WantedPort Port, string Says)[] wrong =
        [
            (joint with { Kind = "Joint" }, "no kind of port"),
            (joint with { Kind = "" }, "no kind of port"),
            (joint with { Bridge = "" }, "a joint has a bridge"),
            (joint with { Socket = "m1" }, "others none"),
            (joint with { NetworkBits = 8 }, "others none"),
            (stream with { Bridge = "b1" }, "is not that"),
            (stream with { NodeTap = "q1" }, "must be 1 to 15 characters|is not that"),
            (stream with { Socket = null }, "have a socket"),
            (stream with { Tap = "a/b" }, "1 to 15 characters"),
            (tap with { NetworkBits = null }, "bits of its network"),
            (tap with { NetworkBits = 0 }, "bits of its network"),
            (tap with { NetworkBits = 33 }, "bits of its network"),
            (tap with { Socket = "x" }, "others none"),
        ];
        foreach ((WantedPort port, string says) in wrong)
            Assert.Matches(says, Assert.Single(Errors(port, "/run/x")).Reason);
        foreach (string name in (string[])["", ".", "..", "../x", "a/b", "/etc/x", "A", "a b", "a\0", new('a', 65)])
            Assert.Contains("must be 1 to 64", Assert.Single(Errors(stream with { Socket = name }, "/run/x")).Reason);
        Assert.Contains("no directory", Assert.Single(Errors(stream, null)).Reason);
        Assert.Contains("bytes or more", Assert.Single(Errors(stream, "/" + new string('d', 100))).Reason);
    }

    [Fact]
    public void TwoPortsCannotHaveOneSocket()
    {
        StatePlan plan = Planner("/run/x").Plan(State(
            Port(1, "stream") with { Socket = "m" }, Port(2, "vhost-user") with { Socket = "m" }));
        Assert.Contains("another port", Assert.Single(plan.Errors).Reason);
        Assert.Equal("/run/x/m", Assert.Single(plan.Environments[0].Ports).Socket);
    }

    // With two lanes each machine is on a lane of its own.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task MachinesOnStreamSocketsReachEachOtherThroughADaemonWithoutRights(int lanes)
    {
        string control = Path.Combine(_directory.FullName, "c.sock");
        await using SwitchDaemon daemon = await SwitchDaemon.StartAsync(new SwitchDaemonOptions
        {
            HostId = "a",
            SiteId = "site1",
            SiteCaPem = _site.CaPem,
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            Lanes = lanes,
            ControlSocketPath = control,
            PortSocketDirectory = _directory.FullName,
            DisableBridgeFilter = false,
        }, TimeProvider.System);
        using Socket listener1 = Listen("m1"), listener2 = Listen("m2");
        await using SwitchControlClient client = await SwitchControlClient.ConnectAsync(control, "test", None);
        ApplyReply reply = await client.ApplyAsync(State(
            Port(1, "stream") with { Socket = "m1" }, Port(2, "stream") with { Socket = "m2" }), None);
        Assert.Empty(reply.Errors);
        using Socket machine1 = await listener1.AcceptAsync(None), machine2 = await listener2.AcceptAsync(None);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        byte[] frame = Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2, 1000);
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, frame.Length);
        await machine1.SendAsync(length.Concat(frame).ToArray(), limit.Token);
        byte[] got = new byte[4 + frame.Length];
        using (var stream = new NetworkStream(machine2))
            await stream.ReadExactlyAsync(got, limit.Token);
        Assert.Equal(length.Concat(frame), got);
        SwitchStatus status = await client.StatusAsync(None);
        Assert.Equal(
            Enumerable.Range(0, lanes).Select(lane => (lane, daemon.Port + lane)),
            status.Lanes.Select(one => (one.Lane, one.Port)));
        Assert.Equal(lanes - 1, status.Lanes.Sum(one => one.FramesHandedOver));
        PortStatus[] ports = [.. status.Environments[0].Ports];
        Assert.All(
            ports, port => Assert.Equal(("stream", "", (string?)null), (port.Kind, port.Offloads, port.Trouble)));

        // A machine that is gone is told of; a port that is taken out lets its socket go.
        machine1.Dispose();
        listener1.Dispose();
        while ((await client.StatusAsync(None)).Environments[0].Ports[0].Trouble is null)
            limit.Token.ThrowIfCancellationRequested();
        await client.ApplyAsync(new SwitchWantedState { Version = 2 }, None);
        Assert.Equal(0, await machine2.ReceiveAsync(got, limit.Token));
    }

    private static StatePlanner Planner(string? sockets) => new("a", AddressFamily.InterNetwork, sockets);

    private static IReadOnlyList<ApplyError> Errors(WantedPort port, string? sockets) =>
        Planner(sockets).Plan(State(port)).Errors;

    private static SwitchWantedState State(params WantedPort[] ports) => new()
    {
        Version = 1,
        Environments =
        [
            new WantedEnvironment
            {
                Id = "e",
                Ports = ports,
                Table = [.. ports.Select(p => new WantedNode { Mac = p.Mac, Ip = p.Ip, Node = p.Node, Host = "a" })],
            },
        ],
    };

    private static WantedPort Port(int number, string kind) => new()
    {
        Tap = "t" + number,
        Kind = kind,
        Node = "n" + number,
        Mac = $"02:00:00:00:00:0{number}",
        Ip = $"10.1.0.{number}",
    };

    private Socket Listen(string name)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(_directory.FullName, name)));
        listener.Listen(1);
        return listener;
    }
}
