using System.Security.Cryptography.X509Certificates;
using VioActors.Daemon.Security;
using VioActors.Runtime;
using VioActors.Runtime.Sql;

namespace VioActors.Daemon.Server.Restore;

/// <summary>Puts a copy into the place of a stopped server's SQLite file. What was there is kept beside it.</summary>
internal static class StoreRestore
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Does it, or leaves everything as it was.</summary>
    /// <returns>What was put there, and where the old file is now; null when there was none.</returns>
    /// <exception cref="StartupException">The server runs, the store is PostgreSQL, or the copy is another
    /// site's.</exception>
    /// <exception cref="StoreUnavailableException">The copy is no store, damaged, or of a newer version.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    public static async Task<(StoreFile Copy, string? Kept)> RunAsync(
        ServerOptions options, string from, TimeProvider clock)
    {
        if (options.StoreAddress.Path is not { } store)
            throw new StartupException(
                "The store of this configuration is PostgreSQL.",
                "Stop all servers, drop the schema vio there, then read the copy with: "
                    + $"psql --set ON_ERROR_STOP=1 -f {from} DATABASE");
        if (!File.Exists(from))
            throw new StartupException($"There is no file {from}.", "Name a copy that 'vio store backup' made.");
        await using var data = DataDirectory.Open(options);
        var incoming = store + ".restoring";
        try
        {
            File.Delete(incoming);
            File.Copy(from, incoming);
            File.SetUnixFileMode(incoming, Private);
            var copy = StoreFile.Inspect(incoming);
            RequireSite(options, from, copy);
            Sync(incoming);
            var kept = Keep(store, clock);
            File.Move(incoming, store);
            return (copy, kept);
        }
        catch (StoreUnavailableException bad)
        {
            throw new StartupException($"{from} was not put back: {bad.Message.Replace(incoming, from)}",
                "The store is as it was.", bad);
        }
        finally
        {
            foreach (var rest in new[] { incoming, incoming + "-wal", incoming + "-shm" })
                File.Delete(rest);
        }
    }

    private static void RequireSite(ServerOptions options, string from, StoreFile copy)
    {
        var root = Path.Combine(options.DataDirectory, "site-ca.pem");
        if (copy.Label.Length == 0 || !File.Exists(root))
            return;
        using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(root));
        var site = new SiteTrust(certificate).Site.Value;
        if (copy.Label != site)
            throw new StartupException(
                $"{from} belongs to site {copy.Label}, and {options.DataDirectory} holds the keys of site {site}.",
                "Name a copy of this site's store.");
    }

    /// <summary>Moves the old file away, with what was not yet carried over into it.</summary>
    private static string? Keep(string store, TimeProvider clock)
    {
        if (!File.Exists(store))
            return null;
        var kept = $"{store}.before-{clock.GetUtcNow():yyyyMMdd-HHmmss}";
        File.Move(store, kept);
        if (File.Exists(store + "-wal"))
            File.Move(store + "-wal", kept + "-wal");
        File.Delete(store + "-shm");
        return kept;
    }

    private static void Sync(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Flush(flushToDisk: true);
    }
}
