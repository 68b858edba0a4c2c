using System.Net.Sockets;
using VioActors.Daemon.Security;

namespace VioActors.Daemon.Server;

/// <summary>
/// The server's directory, locked while it runs: a second server on it would be refused by the store too late, after it
/// had touched keys and socket. The lock dies with the process.
/// </summary>
internal sealed class DataDirectory : IAsyncDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const int WouldBlock = 11; // EWOULDBLOCK: somebody has the lock
    private readonly ServerOptions _options;
    private readonly FileStream _lock;

    private DataDirectory(ServerOptions options, FileStream held) => (_options, _lock) = (options, held);

    /// <summary>Makes and locks the directory, and removes the socket that a killed server left.</summary>
    /// <exception cref="StartupException">Another server has it.</exception>
    public static DataDirectory Open(ServerOptions options)
    {
        Directory.CreateDirectory(options.DataDirectory, Private);
        var path = Path.Combine(options.DataDirectory, "server.lock");
        FileStream held;
        try
        {
            held = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken) when ((taken.HResult & 0xFFFF) == WouldBlock)
        {
            throw new StartupException(
                $"Another server runs on {options.DataDirectory}.",
                "Stop it first, or give this one its own dataDirectory.", taken);
        }
        try
        {
            RemoveStaleSocket(options.ApiSocket);
            return new DataDirectory(options, held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>The site's authority; made at the first start of a site only.</summary>
    /// <param name="owner">The site that the store belongs to; empty for none yet.</param>
    /// <param name="clock">Checked against the root's time.</param>
    /// <exception cref="StartupException">Its key is missing or another site's, or the clock is outside the root's
    /// time.</exception>
    public SiteAuthority OpenAuthority(string owner, TimeProvider clock)
    {
        var key = Path.Combine(_options.DataDirectory, "site-ca.key");
        if (!File.Exists(key) && owner.Length > 0)
            throw new StartupException(
                $"The store belongs to site {owner}, and its key {key} is missing.",
                "Copy site-ca.key and site-ca.pem from a server of that site, or from a backup.");
        var authority = SiteAuthority.LoadOrCreate(_options.DataDirectory, _options.Name, clock);
        var (root, now) = (authority.Trust.Root, clock.GetUtcNow());
        if (now.UtcDateTime < root.NotBefore.ToUniversalTime() || now.UtcDateTime > root.NotAfter.ToUniversalTime())
            throw new StartupException(
                $"The clock says {now:u}, and the site's root certificate is valid from "
                    + $"{root.NotBefore.ToUniversalTime():u} to {root.NotAfter.ToUniversalTime():u}.",
                "Set this machine's clock.");
        return authority;
    }

    /// <summary>Lets every local user connect; who they are, the kernel says, and what they may, their role.</summary>
    public void OpenSocketToAll()
    {
        const UnixFileMode all = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead
            | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if (_options.ApiSocket is { } path)
            File.SetUnixFileMode(path, all);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_options.ApiSocket is { } path)
            File.Delete(path);
        await _lock.DisposeAsync();
    }

    private static void RemoveStaleSocket(string? path)
    {
        if (path is null)
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!File.Exists(path))
            return;
        try
        {
            using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            File.Delete(path);
            return;
        }
        throw new StartupException($"Another process listens on {path}.", "Stop it, or choose another apiSocket.");
    }
}
