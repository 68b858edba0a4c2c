using System.Buffers.Binary;
using System.Text.Json;
using VioActors.Contracts;
using VioActors.Daemon.Agent.Switching;
using VioActors.Daemon.Cli;
using VioActors.Switch.DataPlane;

namespace VioActors.EndToEnd.Switch;

/// <summary><c>vio switch</c> against a real switch with real guests.</summary>
public class SwitchSightTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task ATraceIsAFileThatHoldsWhatTheGuestsSaid()
    {
        await using SwitchLab lab = await SwitchLab.StartAsync();
        (string g1, _) = await SwitchTests.OneGuestPerHostAsync(lab, "astro", "1", "2");
        string file = Path.GetTempFileName();
        try
        {
            Task<(int Code, string Out, string Error)> trace = Vio(
                "switch", "trace", SwitchLab.Ip(1), "--socket", lab.SocketOf("a"), "--write", file, "--count", "6",
                "--filter", "icmp and host 10.1.0.2");
            await Until.TrueAsync("the trace has begun", () => new FileInfo(file).Length >= 24);
            Shell.In(g1, "busybox", "ping", "-c", "3", "-w", "10", "-s", "1000", SwitchLab.Ip(2));
            (int code, _, string error) = await trace.WaitAsync(TimeSpan.FromSeconds(20));
            Assert.True(code == 0, error);
            Assert.Contains("6 frames, 0 lost", error, StringComparison.Ordinal);
            List<byte[]> frames = ReadPcap(await File.ReadAllBytesAsync(file));
            Assert.Equal(6, frames.Count);
            Assert.All(frames, frame => Assert.Equal((1042, (byte)1), (frame.Length, frame[23])));
            Assert.Equal(3, frames.Count(frame => frame[34] == 8));
            Assert.Equal(3, frames.Count(frame => frame[34] == 0));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task WhyAFrameWasDroppedIsToldByTheHostAndThroughItsAgent()
    {
        await using SwitchLab lab = await SwitchLab.StartAsync();
        (string g1, _) = await SwitchTests.OneGuestPerHostAsync(lab, "astro", "1", "2");
        RawFrame.Send(g1, "eth0", RawFrame.Rarp(SwitchLab.Mac(2)));
        await Until.TrueAsync("the drop is counted", async () =>
            (await lab.A.DropsAsync(new DropsRequest("viot1", 0, 10), None)).Frames.Any(
                one => one.Reason == "dropSpoofedMac"));
        (_, string text, _) = await Vio("switch", "trace", "viot1", "--drops", "--socket", lab.SocketOf("a"));
        Assert.Contains($"{SwitchLab.Mac(2)} > ff:ff:ff:ff:ff:ff rarp length 60: dropSpoofedMac", text,
            StringComparison.Ordinal);
        (_, string reasons, _) = await Vio("switch", "show", "--drops", "--socket", lab.SocketOf("a"));
        Assert.Matches(@"a +port viot1 +\d+ +dropSpoofedMac +the sender's MAC", reasons);

        // The agent of the host answers a server in the same words, and nothing but questions.
        SwitchdDataPlane agent = lab.AgentOf("a");
        JsonElement answer = await agent.LookAsync(
            JsonSerializer.SerializeToElement(new { type = "drops", port = "viot1", after = 0, most = 10 }), None);
        Assert.Contains(
            answer.Deserialize<DropsReply>(Wire.Json)!.Frames,
            one => one.Reason == "dropSpoofedMac" && one.Frame.Source == SwitchLab.Mac(2));
        await Assert.ThrowsAsync<Actors.Switch.DataPlaneException>(() => agent.LookAsync(
            JsonSerializer.SerializeToElement(new { type = "apply", state = new { version = 9 } }), None));
    }

    [Fact]
    public async Task TrafficIsSeenPerPortTunnelAndPair()
    {
        await using SwitchLab lab = await SwitchLab.StartAsync();
        (string g1, _) = await SwitchTests.OneGuestPerHostAsync(lab, "astro", "1", "2");
        Task<(int Code, string Out, string Error)> top = Vio(
            "switch", "top", "--socket", lab.SocketOf("a"), "--interval", "1s", "--json");
        Shell.In(g1, "busybox", "ping", "-c", "4", "-w", "10", "-i", "0.2", "-s", "1400", SwitchLab.Ip(2));
        (int code, string json, _) = await top.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(0, code);
        Dictionary<string, double> bits = JsonDocument.Parse(json).RootElement.EnumerateArray().ToDictionary(
            one => one.GetProperty("kind").GetString()! + one.GetProperty("name").GetString(),
            one => one.GetProperty("bitsIn").GetDouble());
        Assert.True(bits["pairn1 > n2"] > 0 && bits["portviot1"] > 0 && bits["tunnelb"] > 0, json);
        (_, string show, _) = await Vio("switch", "show", "--socket", lab.SocketOf("a"));
        Assert.Matches(@"viot1 +a +astro +n1 +10\.1\.0\.1 +open", show);
        Assert.Matches(@"b +a +astro +up +direct +10\.77\.0\.2:7946", show);
        Assert.Matches(@"n1 +n2 +astro +[4-9]", show);
    }

    internal static async Task<(int Code, string Out, string Error)> Vio(params string[] args)
    {
        var host = new CliHost
        {
            Out = new StringWriter(),
            Error = new StringWriter(),
            In = new StringReader(""),
            Variable = _ => null,
            HomeDirectory = "/nonexistent",
            LabSockets = () => [],
            Interrupts = Interrupts.None(),
        };
        int code = await Program.RunAsync(args, host);
        return (code, host.Out.ToString()!, host.Error.ToString()!);
    }

    /// <summary>The frames of a pcap file with nanoseconds, written anew here from the format's description.</summary>
    private static List<byte[]> ReadPcap(byte[] file)
    {
        Assert.Equal(0xA1B23C4D, BinaryPrimitives.ReadUInt32LittleEndian(file));
        Assert.Equal((2, 4), (file[4], file[6]));
        Assert.Equal(1, BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(20)));
        var frames = new List<byte[]>();
        for (int at = 24; at < file.Length;)
        {
            long seconds = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at));
            Assert.InRange(DateTimeOffset.FromUnixTimeSeconds(seconds),
                TimeProvider.System.GetUtcNow().AddMinutes(-5), TimeProvider.System.GetUtcNow().AddMinutes(5));
            Assert.InRange(BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 4)), 0u, 999_999_999u);
            int kept = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 8));
            Assert.Equal(kept, BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 12)));
            frames.Add(file[(at + 16)..(at + 16 + kept)]);
            at += 16 + kept;
        }

        return frames;
    }
}
