using VioActors.Daemon.Shell;

namespace VioActors.Bench.Overlay;

/// <summary>What a run that was killed left: namespaces that carry its process id, and the processes in them.</summary>
internal sealed class OverlayRemains(ProcessRunner runner, string prefix)
{
    /// <summary>Removes it; runs that live are left alone.</summary>
    public async Task RemoveAsync(CancellationToken cancel)
    {
        const string spaces = "/run/netns";
        if (!Directory.Exists(spaces)) return;
        foreach (var name in Directory.GetFiles(spaces, prefix + "*").Select(path => Path.GetFileName(path)))
        {
            var digits = string.Concat(name[prefix.Length..].TakeWhile(char.IsAsciiDigit));
            if (!int.TryParse(digits, out var pid) || PidRecord.Of(pid) is not null) continue;
            var inside = await runner.TryAsync(new ProcessCommand("ip", "netns", "pids", name), cancel);
            foreach (var line in inside.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                if (int.TryParse(line, out var left) && PidRecord.Of(left) is { } process) Signals.Kill(process);
            }

            await runner.TryAsync(new ProcessCommand("ip", "netns", "delete", name), cancel);
        }
    }
}
