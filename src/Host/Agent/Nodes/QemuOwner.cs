using System.Globalization;
using VioActors.Actors.Host.Agent;
using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Agent.Nodes;

/// <summary>
/// Gives files that QEMU must write to its user. Done by us, because libvirt does it only where dynamic_ownership is
/// on, and there it would give away shared base images as well. Where the agent is not root, QEMU runs as the agent's
/// user, and nothing changes hands.
/// </summary>
internal sealed class QemuOwner(string user, ProcessRunner runner)
{
    /// <summary>Whether QEMU's user is another than ours.</summary>
    public static bool IsAnother => Environment.IsPrivilegedProcess;

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
        if (!IsAnother) return;
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

    /// <summary>Makes a directory for files that QEMU makes.</summary>
    /// <param name="path">The directory; whoever may write to its parent could lead this elsewhere.</param>
    /// <param name="gid">A group that may reach what is in it, and that owns it; null for none.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="ProcessFailedException">There is no such user, or the directory cannot be made.</exception>
    public Task DirectoryAsync(string path, int? gid, CancellationToken cancel) => runner.RunAsync(
        new ProcessCommand("install",
            [
                "-d", .. IsAnother ? (string[])["-o", user] : [],
                .. IsAnother && gid is { } group
                    ? (string[])["-g", group.ToString(CultureInfo.InvariantCulture), "-m", "2710"] : ["-m", "0700"],
                "--", path,
            ]),
        cancel);
}
