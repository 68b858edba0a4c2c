using System.Diagnostics;
using System.Text.Json;

namespace VioActors.EndToEnd;

/// <summary>The main job as a user runs it: the built executable, real libvirt, real machines.</summary>
public class DemoTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(6);

    [Fact]
    public async Task The_demo_holds_all_its_steps_and_leaves_nothing()
    {
        var run = await RunAsync(interruptAt: null);
        Assert.True(run.ExitCode == 0, run.Text);
        var result = JsonDocument.Parse(run.Lines[^1]).RootElement;
        Assert.Equal("ok", result.GetProperty("result").GetString());
        Assert.Equal("qemu", result.GetProperty("hypervisor").GetString());
        var figures = result.GetProperty("figures");
        Assert.Equal(12, figures.GetProperty("pairs_reached").GetInt32());
        Assert.Equal(0, figures.GetProperty("frames_crossed").GetInt32());
        Assert.Equal(1, figures.GetProperty("copies_running").GetInt32());
        Assert.Equal(0, figures.GetProperty("left_over").GetInt32());
        foreach (var kept in new[] { "tcp_kept", "disk_intact", "recovered_from_server_kill" })
            Assert.True(figures.GetProperty(kept).GetBoolean(), kept);
        // The controls of the zeros, as the run itself tells them.
        Assert.Contains(run.Lines, line => line == "control: copies with a second one on purpose: 2");
        Assert.Contains(run.Lines, line => line == "control: left over with a TAP on purpose: +1");
        Assert.Contains(run.Lines, line => line == "control: pings lost to a stopped node: 20 of 20");
        Assert.Contains(run.Lines, line => line == "control: a TCP connection cut on purpose: seen as broken");
        Assert.Contains(
            run.Lines, line => line
                == "control: disk with a changed byte, disk of another node: other checksum, other checksum");
        Assert.Contains(
            run.Lines, line => line.StartsWith(
                "control: ended after the kill: this move, the one before: yes, no; ", StringComparison.Ordinal));
        var crossed = run.Lines.Single(line =>
            line.StartsWith("control: frames crossed with isolation off: ", StringComparison.Ordinal));
        Assert.True(int.Parse(crossed[(crossed.LastIndexOf(' ') + 1)..]) > 0, crossed);
    }

    [Fact]
    public async Task A_demo_that_is_interrupted_leaves_nothing_either()
    {
        var run = await RunAsync(interruptAt: "[1/7] create: wait until ready");
        Assert.True(run.ExitCode == 1, run.Text);
        Assert.Contains("\"left_over\":0", run.Lines[^1]);
        Assert.Contains("Interrupted", run.Lines[^1]);
    }

    private static async Task<(int ExitCode, List<string> Lines, string Text)> RunAsync(string? interruptAt)
    {
        Assert.SkipUnless(
            Environment.UserName == "root", "The demo makes namespaces and starts libvirt: it needs root.");
        Assert.SkipUnless(File.Exists("/usr/sbin/libvirtd"), "libvirtd is not installed; ./vio demo installs it.");
        var start = new ProcessStartInfo("dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var word in new[] { Path.Combine(AppContext.BaseDirectory, "vio.dll"), "demo", "--json", "--yes" })
            start.ArgumentList.Add(word);
        using var process = Process.Start(start)!;
        var lines = new List<string>();
        var gate = new Lock();
        void Take(string? line)
        {
            if (line is null) return;
            lock (gate) lines.Add(line);
            if (interruptAt is not null && line.StartsWith(interruptAt, StringComparison.Ordinal))
                Process.Start("kill", ["-INT", $"{process.Id}"]).Dispose();
        }

        process.OutputDataReceived += (_, data) => Take(data.Data);
        process.ErrorDataReceived += (_, data) => Take(data.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var late = new CancellationTokenSource(Limit);
        await process.WaitForExitAsync(late.Token);
        lock (gate)
        {
            // The document is the last line of standard output; notes on standard error may come after it.
            var document = lines.FindLast(line => line.StartsWith("{\"result\"", StringComparison.Ordinal));
            if (document is not null) lines.Add(document);
            return (process.ExitCode, [.. lines], string.Join('\n', lines));
        }
    }
}
