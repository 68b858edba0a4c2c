using VioActors.Daemon.Lab;

namespace VioActors.Daemon.Cli;

/// <summary>Finds labs on this machine by the API sockets they show.</summary>
internal static class RunningLabs
{
    /// <summary>Sockets of all labs that are up, by the labs' ids.</summary>
    public static IReadOnlyList<string> Sockets()
    {
        try
        {
            return
            [
                .. LabStatus.All(LabPlan.DefaultBaseDirectory)
                    .Where(lab => lab.Phase == "up")
                    .Select(lab => lab.Api),
            ];
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
