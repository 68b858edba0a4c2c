using System.CommandLine;
using VioActors.Contracts.Api;
using VioActors.Daemon.Server;
using VioActors.Daemon.Server.Restore;
using VioActors.Runtime;

namespace VioActors.Daemon.Cli;

/// <summary><c>vio store backup</c> and <c>vio store restore</c>.</summary>
internal static class StoreCopyVerbs
{
    /// <summary>Copies a store that is used.</summary>
    public static Command Backup(CliHost host)
    {
        var file = new Argument<string>("file") { Description = "Where the copy goes; must not exist yet." };
        return CliSession.Action(
            new Command("backup", "Copies the store into a file while the site goes on: SQLite as a file of its own, "
                + "PostgreSQL as SQL.") { file },
            host, async session =>
            {
                var path = Path.GetFullPath(session.Parse.GetRequiredValue(file));
                var bytes = await FetchAsync(session, path);
                session.Out.Result(new { file = path, bytes }, one => $"{one.file}: {one.bytes} octets.");
                return ExitCode.Done;
            });
    }

    /// <summary>Puts a copy in the place of a stopped server's store.</summary>
    public static Command Restore(CliHost host)
    {
        var file = new Argument<string>("file") { Description = "A copy that 'vio store backup' made." };
        var config = new Option<FileInfo>("--config")
        {
            Description = "Configuration of the server, which must be stopped.",
            Required = true,
        };
        return CliSession.Action(
            new Command("restore", "Puts a copy in the place of the store of a stopped server (SQLite); the old one is "
                + "kept beside it.") { file, config },
            host, async session =>
            {
                var from = Path.GetFullPath(session.Parse.GetRequiredValue(file));
                var (copy, kept) = await PutBackAsync(
                    session.Parse.GetRequiredValue(config).FullName, from, host.Time);
                session.Out.Result(new { restored = from, copy.Generation, copy.Position, kept }, one =>
                    $"{from} is the store now: generation {one.Generation}, position {one.Position}"
                    + (kept is null ? "." : $"; the old one is {kept}.")
                    + " Start the server; while somebody has seen more, it only reads until 'vio store adopt'.");
                return ExitCode.Done;
            });
    }

    private static async Task<long> FetchAsync(CliSession session, string path)
    {
        if (Path.Exists(path))
            throw new UsageException($"{path} exists already.", "Name a file that does not.");
        var incoming = path + ".incoming";
        try
        {
            using var answer = await session.Api.Store.BackupAsync(session.Cancel);
            await using (var to = new FileStream(incoming, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
            {
                await answer.Content.CopyToAsync(to, session.Cancel);
                to.Flush(flushToDisk: true);
            }
            File.Move(incoming, path);
            return new FileInfo(path).Length;
        }
        catch (Exception broken) when (
            broken is IOException or HttpRequestException or UnauthorizedAccessException)
        {
            File.Delete(incoming);
            throw new StoreCopyException(
                $"The copy is not whole and was removed: {broken.Message}",
                "Look at the disk here and at the server's log, then try again.", broken);
        }
    }

    private static async Task<(Runtime.Sql.StoreFile Copy, string? Kept)> PutBackAsync(
        string config, string from, TimeProvider time)
    {
        try
        {
            return await StoreRestore.RunAsync(ServerOptions.Load(config, null), from, time);
        }
        catch (StartupException refused)
        {
            throw new StoreCopyException(refused.Reason, refused.Remedy, refused);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            throw new StoreCopyException(broken.Message, "Mend that, then try again.", broken);
        }
    }
}

/// <summary>A copy could not be made or put back.</summary>
internal sealed class StoreCopyException(string reason, string remedy, Exception inner)
    : CliException(new Problem("store-copy", reason, remedy), ExitCode.Failed, inner);
