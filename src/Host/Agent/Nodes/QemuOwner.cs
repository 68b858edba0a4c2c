using VioActors.Actors.Host.Agent;
using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Agent.Nodes;

/// <summary>
/// Gives files that QEMU must write to its user. Done by us, because libvirt does it only where dynamic_ownership is
/// on, and there it would give away shared base images as well.
/// </summary>
internal sealed class QemuOwner(string user, ProcessRunner runner)
{
    /// <summary>The user.</summary>
    public string User => user;

    /// <summary>The number of its own group.</summary>
    /// <exception cref="HypervisorException">There is no such user.</exception>
    public async Task<string> GroupAsync(CancellationToken cancel)
    {
        try
        {
            return (await runner.RunAsync(new ProcessCommand("id", "-g", "--", user), cancel)).Trim();
        }
        catch (ProcessFailedException failed)
        {
            throw new HypervisorException(
                "owner-failed", $"There is no user '{user}' for QEMU: {failed.StandardError.Trim()}.",
                "Correct qemuUser in the agent's configuration.", failed);
        }
    }

    /// <summary>Changes the owner.</summary>
    /// <exception cref="HypervisorException">There is no such user, or no such file.</exception>
    public async Task GiveAsync(string path, CancellationToken cancel)
    {
        try
        {
            await runner.RunAsync(new ProcessCommand("chown", "--", user, path), cancel);
        }
        catch (ProcessFailedException failed)
        {
            throw new HypervisorException(
                "owner-failed", $"'{path}' could not be given to QEMU's user '{user}': {failed.StandardError.Trim()}.",
                "Correct qemuUser in the agent's configuration.", failed);
        }
    }
}
