using VioActors.Daemon.Guest;
using VioActors.Daemon.Lab;
using VioActors.Daemon.Server;
using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Demo;

/// <summary>Makes the place a demo runs in.</summary>
internal static class DemoSites
{
    /// <summary>Brings it up; on failure or cancellation nothing is left.</summary>
    public static async Task<IDemoSite> UpAsync(
        DemoOptions options, IStepView view, TimeProvider time, CancellationToken cancel) =>
        options.Simulated ? await SimSite.UpAsync(view, time, cancel) : await LabSite.UpAsync(view, time, cancel);

    /// <summary>Whether an exception is a failure of the place with a message for people, and no bug.</summary>
    public static bool IsFailure(Exception exception) => exception
        is LabException or ProcessFailedException or GuestImageException or StartupException or IOException;
}
