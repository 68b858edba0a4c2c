using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Demo;

/// <summary>What a simulated demo keeps on disk, so that the next one can remove it when this one was killed.</summary>
internal static class SimRemains
{
    /// <summary>Start of the name of a demo's directory.</summary>
    public const string Prefix = "vio-sim-";

    /// <summary>File with the record of the demo's own process.</summary>
    public const string Owner = "demo.pid";

    /// <summary>File with the record of its server.</summary>
    public const string Server = "server.pid";

    /// <summary>Ends the servers and removes the directories of demos that are gone; gives the directories.</summary>
    /// <param name="temporary">Where demos make their directories. Other users' are left alone.</param>
    public static IReadOnlyList<string> Clear(string temporary) =>
    [
        .. Directory.EnumerateDirectories(temporary, Prefix + "*").Where(TryRemove),
    ];

    private static bool TryRemove(string directory)
    {
        try
        {
            if (PidRecord.Load(Path.Combine(directory, Owner)) is not { IsAlive: false }) return false;
            if (PidRecord.Load(Path.Combine(directory, Server)) is { } server) Signals.Kill(server);
            Directory.Delete(directory, recursive: true);
            return true;
        }
        catch (Exception notOurs) when (notOurs is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
