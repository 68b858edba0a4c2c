using System.Diagnostics;
using VioActors.Switch.DataPlane;

namespace VioActors.EndToEnd.Switch;

/// <summary>Two hosts whose switches have two lanes each: real threads, sockets and queues of the TAPs.</summary>
public class SwitchLanesTests
{
    private const int Streams = 16;
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task FlowsSpreadOverTheLanesAndANodeThatMovesIsFollowedByAll()
    {
        await using SwitchLab lab = await SwitchLab.StartAsync(lanes: 2);
        await ApplyAsync(lab, 1, new State([("1", 1)], [("2", 2)], "b"));
        string g1 = lab.AddGuest("a", "1", 1);
        string g2 = lab.AddGuest("b", "2", 2);
        await lab.WaitUpAsync("e-1");
        Shell.In(g1, "busybox", "ping", "-c", "3", "-w", "10", "-s", "1472", SwitchLab.Ip(2));
        await SendAsync(g1, g2, lab);
        foreach (SwitchControlClient client in (SwitchControlClient[])[lab.A, lab.B])
        {
            SwitchStatus status = await client.StatusAsync(None);
            Assert.Equal(2, status.Lanes.Count);
            Assert.All(status.Lanes, lane => Assert.True(
                lane is { FramesFromNodes: > 200, FramesToNodes: > 200, DatagramsIn: > 200, DatagramsOut: > 200 },
                lane.ToString()));
            EnvironmentStatus environment = Assert.Single(status.Environments);
            Assert.Equal(
                status.Lanes.Sum(lane => lane.FramesToNodes),
                environment.Ports.Sum(port => port.Counters["framesToNode"]));
            Assert.Equal(0, status.FramesCrossed);
            Assert.Equal(0, status.Counters["dropHandedOver"]);
        }

        // Node 2 goes to host a; a probe on each side, and as many flows as before, find it there.
        await ApplyAsync(lab, 2, new State([("1", 1), ("3", 2)], [("2", 2)], "b", "a", IsOpen: false));
        lab.RemoveGuest("b", "g2b", "q2");
        string moved = lab.AddGuest("a", "3", 2);
        Shell.In(moved, "busybox", "arping", "-U", "-c", "2", "-I", "eth0", SwitchLab.Ip(2));
        Assert.NotNull(await lab.B.ProbeAsync("e-1", SwitchLab.Ip(2), TimeSpan.FromSeconds(10), None));
        Assert.NotNull(await lab.A.ProbeAsync("e-1", SwitchLab.Ip(2), TimeSpan.FromSeconds(10), None));
        await SendAsync(g1, moved, lab);
        Assert.Equal("a", (await lab.B.StatusAsync(None)).Environments[0].Nodes.Single(n => n.Node == "n2").Host);
    }

    private static async Task SendAsync(string from, string to, SwitchLab lab)
    {
        if (!File.Exists("/usr/bin/iperf3"))
            Assert.Skip("needs the program iperf3");
        using Process server = Start(to, "iperf3", "-s", "-1");
        try
        {
            await Until.TrueAsync(
                "the server listens", () => Shell.TryIn(to, "busybox", "netstat", "-ltn").Output.Contains(":5201"));
            (int code, string output) = Shell.TryIn(
                from, "iperf3", "-c", SwitchLab.Ip(2), "-t", "3", "-P", $"{Streams}", "-l", "16K");
            Assert.True(code == 0, output);
        }
        finally
        {
            server.Kill(entireProcessTree: true);
        }
    }

    private static Process Start(string networkNamespace, params string[] command)
    {
        var start = new ProcessStartInfo("ip") { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (string argument in (string[])["netns", "exec", networkNamespace, .. command])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    private static async Task ApplyAsync(SwitchLab lab, long version, State state)
    {
        WantedEnvironment Of((string Suffix, int Node)[] ports, bool mayBeClosed) => new()
        {
            Id = "e-1",
            Members = SwitchLab.Members(),
            Ports = [.. ports.Select(p => SwitchLab.Port(
                p.Suffix, p.Node, p.Node != 2 || !mayBeClosed || state.IsOpen))],
            Table =
            [
                SwitchLab.Node(1, "a"), SwitchLab.Node(2, state.HostOf2, state.PreBound),
            ],
        };
        SwitchWantedState Whole(WantedEnvironment one) => new() { Version = version, Environments = [one] };
        Assert.Empty((await lab.A.ApplyAsync(Whole(Of(state.OnA, mayBeClosed: true)), None)).Errors);
        Assert.Empty((await lab.B.ApplyAsync(Whole(Of(state.OnB, mayBeClosed: false)), None)).Errors);
    }

    private sealed record State(
        (string Suffix, int Node)[] OnA, (string Suffix, int Node)[] OnB, string HostOf2, string? PreBound = null,
        bool IsOpen = true);
}
