using System.Net;
using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Contracts.Environments;

namespace VioActors.Daemon.Cli;

/// <summary>
/// Keeps a connected machine's place by renewing its lease. A site that cannot be asked is asked again, for as long as
/// it takes: when it is back it says itself whether the machine is still in.
/// </summary>
internal static class Renewals
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(2);

    /// <summary>Renews until cancelled; does nothing for a machine without a lease.</summary>
    /// <exception cref="RefusedException">The machine was taken out, or the caller may not renew any more.</exception>
    public static async Task KeepAsync(
        CliSession session, string environment, MachineView machine, CancellationToken cancel)
    {
        if (machine is not { Node: { } node, LeaseSeconds: { } seconds })
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, session.Host.Time, cancel);
            return;
        }

        var lease = TimeSpan.FromSeconds(seconds);
        var every = lease / MachineLease.Renewals;
        for (var isHeard = true; ;)
        {
            await Task.Delay(isHeard || every < Again ? every : Again, session.Host.Time, cancel);
            try
            {
                await session.Api.RenewMachineAsync(environment, machine.Name, node, lease / 2, cancel);
                if (!isHeard) session.Out.Note("The site hears this machine again.");
                isHeard = true;
            }
            catch (CliException failed) when (!IsFinal(failed))
            {
                if (isHeard)
                    session.Out.Note(
                        $"The site does not hear this machine, and takes it out after {seconds} s: "
                        + failed.Problem.Reason);
                isHeard = false;
            }
        }
    }

    private static bool IsFinal(CliException failed) => failed is RefusedException refused
        && (refused.Problem.Code is FailureCode.NotConnected or FailureCode.NotFound
            || refused.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden);
}
