using System.Text.Json;
using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Cli.Switches;
using VioActors.Switch.DataPlane;

namespace VioActors.Daemon.Tests.Cli;

/// <summary><c>vio switch</c> against a server that answers with a switch's documents.</summary>
public sealed class SwitchVerbTests : IAsyncLifetime
{
    private FakeServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await FakeServer.StartAsync();
        _server.On("GET hosts", new[] { new HostView { Id = new HostId("h-1"), Name = "left", Status = "connected" } })
            .On("GET environments", Array.Empty<object>());
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Show_prints_ports_tunnels_and_pairs_and_a_dash_for_what_is_not_said()
    {
        _server.On("GET hosts/left/switch", Status());
        var run = await CliRun.OfAsync(_server, "switch", "show");
        Assert.Equal(ExitCode.Done, run.Code);
        Assert.Matches(
            @"vios1 +left +e1 +n1 +10\.1\.0\.1 +open +100 +9\.8 KiB +7 +700 B +3 +joint +csum tso4 \(2 super-",
            run.Out);
        Assert.Matches(
            @"h-2 +left +e1 +down +relayed via h-3 +10\.0\.0\.2:7946 +1\.25 ms +- +1452 +gso off \(self-test\) +- +-",
            run.Out);
        Assert.Matches(@"n1 +n2 +e1 +100 +9\.8 KiB +4 +2 +100\.0 Mbit", run.Out);
        Assert.Matches(@"10\.1\.0\.2 +n1 +n2 +e1 +left, h-2 +othersAddress +yes +90 s", run.Out);
    }

    [Fact]
    public async Task Drops_are_shown_in_words_with_a_remedy()
    {
        _server.On("GET hosts/left/switch", Status());
        var run = await CliRun.OfAsync(_server, "switch", "show", "--host", "left", "--drops");
        Assert.Matches(@"left +port vios1 +3 +dropSpoofedIp +the sender's IP address is not", run.Out);
        Assert.Matches(@"dropSpoofedIp +Use the address", run.Out);
        Assert.DoesNotContain("framesFromNode", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Top_measures_between_two_looks_and_ends_by_itself_in_a_pipe()
    {
        _server.InTurn("GET hosts/left/switch", Status(), Status(bytes: 1_010_000));
        var run = await CliRun.OfAsync(_server, "switch", "top", "--json", "--interval", "100ms");
        Assert.Equal(ExitCode.Done, run.Code);
        var rates = JsonSerializer.Deserialize<SwitchRate[]>(run.Out, Wire.Json)!;
        Assert.Equal("port", rates[0].Kind);
        Assert.Equal("vios1", rates[0].Name);
        // 8,000,000 bits between two looks that are at least 0.1 s apart, and much more on a busy machine.
        Assert.InRange(rates[0].BitsIn, 1, 90_000_000);
        Assert.Equal(0, rates.Single(one => one.Kind == "tunnel").BitsIn);
    }

    [Fact]
    public void The_busiest_come_first_and_a_restarted_switch_is_left_out()
    {
        var names = new SwitchNames([], []);
        var rates = SwitchRates.Between([Status()], [Status(bytes: 20_000)], 2, names);
        Assert.Equal(["port", "pair", "tunnel"], rates.Select(one => one.Kind));
        Assert.Equal(40_000, rates[0].BitsIn);
        Assert.DoesNotContain(SwitchRates.Between([Status()], [Status(bytes: 5)], 1, names), one => one.Kind == "port");
    }

    [Fact]
    public async Task Trace_writes_a_pcap_file_and_says_what_was_lost()
    {
        var frame = new byte[60];
        (frame[12], frame[13]) = (8, 6);
        _server.On("POST hosts/left/switch/traces", new TraceStarted(7, "vios1", "n1", "e1"))
            .On("POST hosts/left/switch/traces/7/frames?waitMs=1000", new TraceFrames(
                [new TracedFrame(1_700_000_001_000_000_200, true, 3000, 1448, true, frame)], 5, false))
            .On("DELETE hosts/left/switch/traces/7", new { });
        var file = Path.GetTempFileName();
        try
        {
            var run = await CliRun.OfAsync(
                _server, "switch", "trace", "vios1", "--host", "left", "--write", file, "--count", "2", "--filter",
                "arp");
            Assert.Equal(ExitCode.Done, run.Code);
            Assert.Contains("2 frames, 5 lost", run.Error, StringComparison.Ordinal);
            Assert.Contains("2 were super-frames", run.Error, StringComparison.Ordinal);
            var bytes = await File.ReadAllBytesAsync(file);
            Assert.Equal(24 + (2 * (16 + 60)), bytes.Length);
            Assert.Equal(3000, BitConverter.ToInt32(bytes, 24 + 12));
            Assert.Contains("\"filter\":\"arp\"", _server.Requests.First(one => one.Method == "POST").Body,
                StringComparison.Ordinal);
            Assert.Contains(_server.Requests, one => one.Method == "DELETE");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_port_is_found_on_its_host_and_a_host_that_fails_hides_no_other()
    {
        _server.On("GET hosts", new[]
            {
                new HostView { Id = new HostId("h-1"), Name = "left", Status = "connected" },
                new HostView { Id = new HostId("h-2"), Name = "right", Status = "connected" },
                new HostView { Id = new HostId("h-3"), Name = "gone", Status = "away" },
            })
            .On("GET hosts/left/switch", Status())
            .On("GET hosts/right/switch", new Problem("switch-down", "Its switch restarts.", "Ask again."), 502)
            .On("GET hosts/h-1/switch/drops?after=0&most=1000&port=10.1.0.1", new DropsReply([], 0));
        var show = await CliRun.OfAsync(_server, "switch", "show");
        Assert.Equal(ExitCode.Done, show.Code);
        Assert.Contains("vios1", show.Out, StringComparison.Ordinal);
        Assert.Contains("Its switch restarts.", show.Error, StringComparison.Ordinal);
        var trace = await CliRun.OfAsync(_server, "switch", "trace", "10.1.0.1", "--drops");
        Assert.Equal(ExitCode.Done, trace.Code);
        var nowhere = await CliRun.OfAsync(_server, "switch", "trace", "10.1.0.77", "--drops");
        Assert.Equal(ExitCode.WrongUsage, nowhere.Code);
        Assert.Contains("0 hosts have a port '10.1.0.77'", nowhere.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dropped_frames_are_shown_one_by_one()
    {
        var facts = new FrameFacts(
            "02:00:00:00:00:01", "ff:ff:ff:ff:ff:ff", 0x800, "10.9.9.9", "10.1.0.2", "udp", 5, 6);
        _server.On("GET hosts/left/switch/drops?after=0&most=1000&port=n1", new DropsReply(
            [new DroppedFrame(1, DateTimeOffset.UnixEpoch, "e1", "vios1", false, "dropSpoofedIp", 99, facts)], 1));
        var run = await CliRun.OfAsync(_server, "switch", "trace", "n1", "--host", "left", "--drops");
        Assert.Equal(
            "00:00:00.000 port vios1 10.9.9.9:5 > 10.1.0.2:6 udp length 99: dropSpoofedIp, the sender's IP address is "
            + "not the one this node was given", run.Out.Trim());
    }

    [Fact]
    public async Task What_is_missing_or_contradicts_itself_is_wrong_usage()
    {
        Assert.Equal(ExitCode.WrongUsage, (await CliRun.OfAsync(_server, "switch", "trace", "--drops")).Code);
        Assert.Equal(ExitCode.WrongUsage, (await CliRun.OfAsync(_server, "switch", "trace", "--host", "left")).Code);
        Assert.Equal(ExitCode.WrongUsage, (await CliRun.OfAsync(
            _server, "switch", "show", "--host", "left", "--socket", "/x")).Code);
        var away = await CliRun.OfAsync("switch", "show", "--socket", "/nonexistent/control.sock");
        Assert.Equal(ExitCode.NotReachable, away.Code);
        Assert.Contains("--socket", away.Error, StringComparison.Ordinal);
    }

    private static SwitchStatus Status(long bytes = 10_000) => new()
    {
        HostId = "h-1",
        Version = 1,
        Build = "vio/1",
        Port = 7946,
        Isolated = true,
        IdentityExpiresAtUnixSeconds = null,
        Counters = new Dictionary<string, long> { ["runsOut"] = 4 },
        Environments =
        [
            new EnvironmentStatus(
                "e1",
                [
                    new PortStatus("vios1", "n1", true, false, new Dictionary<string, long>
                    {
                        ["framesFromNode"] = 100, ["bytesFromNode"] = bytes, ["framesToNode"] = 7,
                        ["bytesToNode"] = 700, ["dropSpoofedIp"] = 3, ["superFramesRefused"] = 2,
                    })
                    { Offloads = "csum tso4" },
                ],
                [
                    new TunnelStatus("h-2", "10.0.0.2:7946", false, null, null, null, null,
                        new Dictionary<string, long>())
                    { Offloads = "gso off (self-test)", Path = "relayed via h-3", RttMs = 1.25, Mtu = 1452 },
                ],
                [new NodeLocation("n1", "02:00:00:00:00:01", "10.1.0.1", "h-1", 1)])
            {
                Pairs = [new PairStatus("n1", "n2", 100, 10_000, 4, 2, 12_500_000)],
                Duplicates = [new("othersAddress", "n1", "10.1.0.2", "n2", ["h-1", "h-2"], true, 90_500)],
            },
        ],
    };
}
