using VioActors.Daemon.Shell;

namespace VioActors.Bench.Overlay;

/// <summary>
/// What a run that was killed left: namespaces and directories that carry its process id, and the processes in them.
/// </summary>
internal sealed class OverlayRemains(ProcessRunner runner, string prefix)
{
    private const string Spaces = "/run/netns";

    /// <summary>Removes it; runs that live are left alone.</summary>
    public async Task RemoveAsync(CancellationToken cancel)
    {
        foreach (var name in Directory.Exists(Spaces) ? Left(Directory.GetFiles(Spaces, prefix + "*")) : [])
        {
            var inside = await runner.TryAsync(new ProcessCommand("ip", "netns", "pids", name), cancel);
            foreach (var line in inside.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                if (int.TryParse(line, out var left) && PidRecord.Of(left) is { } process) Signals.Kill(process);
            }

            await runner.TryAsync(new ProcessCommand("ip", "netns", "delete", name), cancel);
        }

        foreach (var name in Left(Directory.GetDirectories(Path.GetTempPath(), prefix + "*")))
            Directory.Delete(Path.Combine(Path.GetTempPath(), name), recursive: true);
    }

    private IEnumerable<string> Left(IEnumerable<string> paths) =>
        from path in paths
        let name = Path.GetFileName(path)
        let digits = string.Concat(name[prefix.Length..].TakeWhile(char.IsAsciiDigit))
        where int.TryParse(digits, out var pid) && PidRecord.Of(pid) is null
        select name;
}
