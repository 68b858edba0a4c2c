namespace VioActors.Daemon.Cli;

/// <summary>Finds labs on this machine by the API sockets they show.</summary>
internal static class RunningLabs
{
    private const string Base = "/var/lib/vioactors";

    /// <summary>Sockets of all labs that are up, sorted.</summary>
    public static IReadOnlyList<string> Sockets()
    {
        try
        {
            return
            [
                .. Directory.EnumerateDirectories(Base)
                    .Select(lab => Path.Combine(lab, "api.sock"))
                    .Where(File.Exists)
                    .Order(),
            ];
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
