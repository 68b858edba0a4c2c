using System.Diagnostics;
using System.Globalization;
using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Agent.Switching;

/// <summary>
/// The switchd of this host as a process: in a session of its own, so that it outlives the agent; as an unprivileged
/// user that keeps CAP_NET_ADMIN and nothing else, or as the agent's user with nothing when that is not root. Known by
/// its pid file, which holds pid and start time. That and its settings are beside its directory, not in it: root writes
/// nothing where the switch's user could put a link.
/// </summary>
internal sealed class SwitchProcess(AgentOptions options, ProcessRunner runner)
{
    private string PidFile => Path.Combine(options.RunDirectory, "switchd.pid");

    /// <summary>Where it answers.</summary>
    public string ControlSocket => Path.Combine(options.SwitchDirectory, "control.sock");

    /// <summary>What it is told.</summary>
    public string ConfigFile => Path.Combine(options.RunDirectory, "switchd.json");

    /// <summary>The living one, or null.</summary>
    public PidRecord? Find() => PidRecord.Load(PidFile) is { IsAlive: true } living ? living : null;

    /// <summary>Starts one.</summary>
    /// <exception cref="ProcessFailedException">A program is missing, or it ended at once.</exception>
    public async Task<PidRecord> StartAsync(SwitchdConfig config, CancellationToken cancel)
    {
        var (uid, gid) = (Text(options.Switchd.Uid), Text(options.Switchd.Gid));
        var isRoot = Environment.IsPrivilegedProcess;
        Directory.CreateDirectory(options.RunDirectory);
        string[] owner = isRoot ? ["-o", uid, "-g", gid] : [];
        await runner.RunAsync(
            new ProcessCommand("install", ["-d", .. owner, "-m", "0750", options.SwitchDirectory]), cancel);
        config.Save(ConfigFile);
        var start = new ProcessStartInfo("setsid") { WorkingDirectory = "/" };
        string[] rights = isRoot
            ?
            [
                "--reuid", uid, "--regid", gid, "--clear-groups", "--bounding-set", "-all,+net_admin",
                "--inh-caps", "-all,+net_admin", "--ambient-caps", "-all,+net_admin",
            ]
            : [];
        foreach (var argument in (string[])
            [
                "setpriv", .. rights, "--no-new-privs", "--", .. OwnCommand(), "switchd", "--config", ConfigFile,
            ])
            start.ArgumentList.Add(argument);
        // Its own place for the runtime's diagnostics and its heap limit: it has no home directory.
        start.Environment["HOME"] = options.SwitchDirectory;
        using var process = Process.Start(start)
            ?? throw new ProcessFailedException(new ProcessCommand("setsid"), "could not be started");
        var record = PidRecord.Of(process.Id)
            ?? throw new ProcessFailedException(new ProcessCommand("setsid"), "ended at once; see the agent's output");
        record.Save(PidFile);
        return record;
    }

    /// <summary>Ends a switchd that no longer answers.</summary>
    public static void Kill(PidRecord record)
    {
        if (!record.IsAlive) return;
        try
        {
            using var process = Process.GetProcessById(record.Pid);
            process.Kill();
        }
        catch (ArgumentException)
        {
            // It ended between the look and the kill.
        }
    }

    private static string[] OwnCommand() =>
        Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) != "dotnet"
            ? [path]
            : [Environment.ProcessPath ?? "dotnet", typeof(SwitchProcess).Assembly.Location];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
