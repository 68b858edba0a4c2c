using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using VioActors.Daemon.Shell;

namespace VioActors.Bench;

/// <summary>What a figure depends on beside the code: the machine it was measured on.</summary>
internal static class Machine
{
    private const string Missing = "missing";

    /// <summary>Describes this machine. What is not there is "missing", never an error.</summary>
    public static async Task<JsonObject> DescribeAsync(TimeProvider time, CancellationToken cancel)
    {
        var runner = new ProcessRunner(time);
        return new JsonObject
        {
            ["cores"] = Environment.ProcessorCount,
            ["memory_mib"] = MemoryMiB(),
            ["load_1m"] = Load(),
            ["kernel"] = Read("/proc/sys/kernel/osrelease"),
            ["cpu"] = Field("/proc/cpuinfo", "model name"),
            ["dotnet"] = RuntimeInformation.FrameworkDescription,
            ["qemu"] = await VersionAsync(runner, cancel, "qemu-system-x86_64"),
            ["libvirt"] = await VersionAsync(runner, cancel, "libvirtd", "/usr/sbin/libvirtd"),
            // Labs configure their agents so.
            ["accelerator"] = "tcg",
        };
    }

    private static async Task<string> VersionAsync(
        ProcessRunner runner, CancellationToken cancel, params string[] programs)
    {
        foreach (var program in programs)
        {
            try
            {
                var result = await runner.TryAsync(new ProcessCommand(program, "--version"), cancel);
                if (result.ExitCode == 0) return result.Output.Split('\n')[0].Trim();
            }
            catch (ProcessFailedException)
            {
                // Not installed under this name; the next one is tried.
            }
        }

        return Missing;
    }

    private static long MemoryMiB() =>
        long.TryParse(Field("/proc/meminfo", "MemTotal").Split(' ')[0], out var kib) ? kib / 1024 : 0;

    private static double Load() =>
        double.TryParse(Read("/proc/loadavg").Split(' ')[0], out var load) ? load : 0;

    private static string Read(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : Missing;

    private static string Field(string path, string name) => !File.Exists(path) ? Missing
        : File.ReadLines(path)
            .Where(line => line.StartsWith(name, StringComparison.Ordinal))
            .Select(line => line[(line.IndexOf(':') + 1)..].Trim())
            .FirstOrDefault(Missing);
}
