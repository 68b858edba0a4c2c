using VioActors.Switch.DataPlane;

namespace VioActors.EndToEnd.Switch;

/// <summary>Real TAPs, bridges, sockets and kernels as guests; two hosts in two network namespaces.</summary>
public class SwitchTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task GuestsOnTwoHostsReachEachOtherWithFullFrames()
    {
        await using SwitchLab lab = await SwitchLab.StartAsync();
        (string g1, string g2) = await OneGuestPerHostAsync(lab, "astro", "1", "2");
        Shell.In(g1, "busybox", "ping", "-c", "3", "-w", "5", "-s", "1472", SwitchLab.Ip(2));
        Shell.In(g2, "busybox", "ping", "-c", "3", "-w", "5", "-s", "1472", SwitchLab.Ip(1));

        // The prober of a reaches the local and the remote guest, and nobody where nobody is.
        Assert.NotNull(await lab.A.ProbeAsync("astro", SwitchLab.Ip(1), TimeSpan.FromSeconds(5), None));
        Assert.NotNull(await lab.A.ProbeAsync("astro", SwitchLab.Ip(2), TimeSpan.FromSeconds(5), None));
        PingReport report = await lab.A.PingAsync("astro", SwitchLab.Ip(2), TimeSpan.FromMilliseconds(10), 50,
            TimeSpan.FromSeconds(1), None);
        Assert.Equal((50, 50, 0, 0), (report.Sent, report.Received, report.Lost, report.Duplicates));
        Shell.In(g2, "ip", "link", "set", "eth0", "down");
        Assert.Null(await lab.A.ProbeAsync("astro", SwitchLab.Ip(2), TimeSpan.FromMilliseconds(500), None));
        PingReport lost = await lab.A.PingAsync("astro", SwitchLab.Ip(2), TimeSpan.FromMilliseconds(10), 20,
            TimeSpan.FromMilliseconds(200), None);
        Assert.Equal((20, 0, 20), (lost.Sent, lost.Received, lost.Lost));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    [InlineData(false, 2)]
    public async Task EqualAddressesInTwoEnvironmentsMeetOnlyWhenTheCheckIsOff(bool isolated, int lanes)
    {
        await using SwitchLab lab = await SwitchLab.StartAsync(isolated, lanes: lanes);
        SwitchWantedState StateOf(string host) => new()
        {
            Version = 1,
            Environments = [.. ((string[])["astro", "boson"]).Select(e => new WantedEnvironment
            {
                Id = e,
                Members = SwitchLab.Members(),
                Ports = [SwitchLab.Port(e[..1] + host, host == "a" ? 1 : 2)],
                Table = [SwitchLab.Node(1, "a"), SwitchLab.Node(2, "b")],
            })],
        };
        Assert.Empty((await lab.A.ApplyAsync(StateOf("a"), None)).Errors);
        Assert.Empty((await lab.B.ApplyAsync(StateOf("b"), None)).Errors);
        string astro1 = lab.AddGuest("a", "aa", 1);
        lab.AddGuest("b", "ab", 2);
        string boson1 = lab.AddGuest("a", "ba", 1);
        lab.AddGuest("b", "bb", 2);
        await lab.WaitUpAsync("astro");
        await lab.WaitUpAsync("boson");
        Shell.TryIn(astro1, "busybox", "ping", "-c", "5", "-w", "6", SwitchLab.Ip(2));
        Shell.TryIn(boson1, "busybox", "ping", "-c", "5", "-w", "6", SwitchLab.Ip(2));
        long crossed = (await lab.A.StatusAsync(None)).FramesCrossed + (await lab.B.StatusAsync(None)).FramesCrossed;
        if (isolated)
            Assert.Equal(0, crossed);
        else
            Assert.NotEqual(0, crossed);
    }

    [Fact]
    public async Task ARestartedDaemonTakesItsPortsOverAndShakesHandsAgain()
    {
        await using SwitchLab lab = await SwitchLab.StartAsync();
        (string g1, _) = await OneGuestPerHostAsync(lab, "astro", "1", "2");
        await lab.StopDaemonAsync("b");
        Assert.NotEqual(0, Shell.TryIn(g1, "busybox", "ping", "-c", "1", "-w", "1", SwitchLab.Ip(2)).Code);
        await lab.StartDaemonAsync("b");
        ApplyReply reply = await lab.B.ApplyAsync(State("astro", "b", SwitchLab.Port("2", 2), 1), None);
        Assert.Empty(reply.Errors);
        await lab.WaitUpAsync("astro");
        Shell.In(g1, "busybox", "ping", "-c", "3", "-w", "10", SwitchLab.Ip(2));

        // An empty state takes the joint away, and so does a restart that does not know the port any more.
        await lab.StopDaemonAsync("a");
        await lab.StartDaemonAsync("a");
        Assert.Contains("viob1", Shell.In(lab.Namespace("a"), "ip", "-br", "link"));
        await lab.A.ApplyAsync(new SwitchWantedState { Version = 1 }, None);
        await lab.B.ApplyAsync(new SwitchWantedState { Version = 2 }, None);
        Assert.DoesNotContain("vio", Shell.In(lab.Namespace("a"), "ip", "-br", "link"));
        Assert.DoesNotContain("vio", Shell.In(lab.Namespace("b"), "ip", "-br", "link"));
        SwitchRefusedException stale = await Assert.ThrowsAsync<SwitchRefusedException>(
            () => lab.B.ApplyAsync(new SwitchWantedState { Version = 1 }, None));
        Assert.Equal("stale-version", stale.Code);
    }

    [Fact]
    public async Task ANodeMovesWhileItIsPinged()
    {
        await using SwitchLab lab = await SwitchLab.StartAsync();
        WantedEnvironment Wanted(WantedPort port) => new()
        {
            Id = "astro",
            Members = SwitchLab.Members(),
            Ports = [port],
            Table = [SwitchLab.Node(1, "a", preBound: "b", sequence: 5)],
        };
        Assert.Empty((await lab.A.ApplyAsync(
            new() { Version = 1, Environments = [Wanted(SwitchLab.Port("s", 1))] }, None)).Errors);
        Assert.Empty((await lab.B.ApplyAsync(
            new() { Version = 1, Environments = [Wanted(SwitchLab.Port("d", 1, open: false))] },
            None)).Errors);
        string source = lab.AddGuest("a", "s", 1);
        string target = lab.AddGuest("b", "d", 1);
        await lab.WaitUpAsync("astro");
        Assert.NotNull(await lab.A.ProbeAsync("astro", SwitchLab.Ip(1), TimeSpan.FromSeconds(5), None));
        using var stop = new CancellationTokenSource();
        Task<PingReport> pingA = lab.A.PingAsync("astro", SwitchLab.Ip(1), TimeSpan.FromMilliseconds(10), null,
            TimeSpan.FromSeconds(1), stop.Token);
        Task<PingReport> pingB = lab.B.PingAsync("astro", SwitchLab.Ip(1), TimeSpan.FromMilliseconds(10), null,
            TimeSpan.FromSeconds(1), stop.Token);
        await FramesTo(lab.A, "viots", 100);
        long before = await FramesTo(lab.B, "viotd", 0);
        Shell.In(source, "ip", "link", "set", "eth0", "down");
        RawFrame.Send(target, "eth0", RawFrame.Rarp(SwitchLab.Mac(1)));
        await FramesTo(lab.B, "viotd", before + 100);
        await stop.CancelAsync();
        foreach (PingReport report in (PingReport[])[await pingA, await pingB])
        {
            // Both series together made the 100 frames of each place.
            Assert.True(report.Received > 50, report.ToString());
            Assert.Equal(0, report.Duplicates);
            Assert.True(report.LongestGapMs < 1000, report.ToString());
        }

        foreach (SwitchControlClient client in (SwitchControlClient[])[lab.A, lab.B])
        {
            NodeLocation location = (await client.StatusAsync(None)).Environments[0].Nodes.Single(n => n.Node == "n1");
            Assert.Equal(("b", 6UL), (location.Host, location.Sequence));
        }
    }

    [Fact]
    public async Task ForgedAddressesAreDroppedAndCounted()
    {
        await using SwitchLab lab = await SwitchLab.StartAsync();
        (string g1, _) = await OneGuestPerHostAsync(lab, "astro", "1", "2");
        Shell.In(g1, "busybox", "ping", "-c", "1", "-w", "5", SwitchLab.Ip(2));
        Shell.In(g1, "ip", "address", "add", "10.1.0.77/16", "dev", "eth0");
        Shell.TryIn(g1, "busybox", "ping", "-c", "2", "-w", "2", "-I", "10.1.0.77", SwitchLab.Ip(2));
        Shell.TryIn(g1, "timeout", "4", "busybox", "arping", "-U", "-c", "2", "-w", "2", "-I", "eth0", "-s",
            "10.1.0.77", "10.1.0.77");
        byte[] rarp = RawFrame.Rarp(SwitchLab.Mac(2));
        RawFrame.Send(g1, "eth0", rarp);
        IReadOnlyDictionary<string, long> counters = (await lab.A.StatusAsync(None)).Environments[0].Ports[0].Counters;
        Assert.NotEqual(0, counters["dropSpoofedIp"]);
        Assert.NotEqual(0, counters["dropSpoofedArp"]);
        Assert.NotEqual(0, counters["dropSpoofedMac"]);
    }

    private static async Task<long> FramesTo(SwitchControlClient client, string tap, long atLeast)
    {
        long frames = 0;
        await Until.TrueAsync(() => $"{atLeast} frames to {tap}, there are {frames}", async () =>
        {
            SwitchStatus status = await client.StatusAsync(None);
            frames = status.Environments[0].Ports.Single(p => p.Tap == tap).Counters["framesToNode"];
            return frames >= atLeast;
        });
        return frames;
    }

    internal static async Task<(string G1, string G2)> OneGuestPerHostAsync(
        SwitchLab lab, string environment, string port1, string port2)
    {
        ApplyReply a = await lab.A.ApplyAsync(State(environment, "a", SwitchLab.Port(port1, 1), 1), None);
        ApplyReply b = await lab.B.ApplyAsync(State(environment, "b", SwitchLab.Port(port2, 2), 1), None);
        Assert.Empty(a.Errors);
        Assert.Empty(b.Errors);
        Assert.Empty(a.Warnings);
        string g1 = lab.AddGuest("a", port1, 1);
        string g2 = lab.AddGuest("b", port2, 2);
        await lab.WaitUpAsync(environment);
        return (g1, g2);
    }

    private static SwitchWantedState State(string environment, string host, WantedPort port, long version) => new()
    {
        Version = version,
        Environments =
        [
            new WantedEnvironment
            {
                Id = environment,
                Members = SwitchLab.Members(),
                Ports = [port],
                Table = [SwitchLab.Node(1, "a"), SwitchLab.Node(2, "b")],
            },
        ],
    };
}
