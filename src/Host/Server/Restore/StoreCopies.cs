using System.Diagnostics;
using Npgsql;
using VioActors.Daemon.Api;
using VioActors.Runtime;
using VioActors.Runtime.Sql;

namespace VioActors.Daemon.Server.Restore;

/// <summary>Makes copies of the store while it is used, one at a time. Thread-safe.</summary>
internal sealed class StoreCopies(SqlStore store, ServerOptions options) : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Writes a copy: a SQLite file, or SQL that psql reads.</summary>
    /// <param name="begin">Called with the length, null when it is not known, before the first octet.</param>
    /// <param name="to">Where it goes.</param>
    /// <param name="cancel">Nobody wants it any more.</param>
    /// <exception cref="ProblemException">It cannot be made; nothing was written.</exception>
    public Task WriteAsync(Action<long?> begin, Stream to, CancellationToken cancel) => AloneAsync(
        () => options.StoreAddress.Postgres is { } address
            ? DumpAsync(new NpgsqlConnectionStringBuilder(address), begin, to, cancel)
            : CopyAsync(begin, to, cancel),
        cancel);

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    /// <summary>What SQLite finds wrong with the file, looked for in a copy; null for nothing.</summary>
    public async Task<string?> DamageAsync(CancellationToken cancel)
    {
        if (options.StoreAddress.Postgres is not null)
            return null;
        try
        {
            await AloneAsync(
                () => OnCopyAsync(
                    path =>
                    {
                        StoreFile.Inspect(path);
                        return Task.CompletedTask;
                    },
                    cancel),
                cancel);
            return null;
        }
        catch (StoreUnavailableException damaged)
        {
            return damaged.Message;
        }
    }

    private async Task AloneAsync(Func<Task> act, CancellationToken cancel)
    {
        if (!await _turn.WaitAsync(TimeSpan.Zero, cancel))
            throw ProblemException.Conflict(
                "busy", "Another copy of the store is being made.", "Come again when it is done.");
        try
        {
            await act();
        }
        finally
        {
            _turn.Release();
        }
    }

    private Task CopyAsync(Action<long?> begin, Stream to, CancellationToken cancel) => OnCopyAsync(
        async path =>
        {
            await using var copy = File.OpenRead(path);
            // Open, it can be read to its end; whoever kills us now leaves nothing behind.
            File.Delete(path);
            begin(copy.Length);
            await copy.CopyToAsync(to, cancel);
        },
        cancel);

    private async Task OnCopyAsync(Func<string, Task> use, CancellationToken cancel)
    {
        var path = Path.Combine(options.DataDirectory, "backup.tmp");
        // A process that was killed may have left one.
        File.Delete(path);
        try
        {
            File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write).Dispose();
            File.SetUnixFileMode(path, Private);
            await store.BackupSqliteAsync(path, cancel);
            await use(path);
        }
        finally
        {
            foreach (var rest in new[] { path, path + "-journal", path + "-wal", path + "-shm" })
                File.Delete(rest);
        }
    }

    private static async Task DumpAsync(
        NpgsqlConnectionStringBuilder address, Action<long?> begin, Stream to, CancellationToken cancel)
    {
        using var dump = Start(address);
        try
        {
            var complaint = dump.StandardError.ReadToEndAsync(cancel);
            var first = new byte[64 * 1024];
            // Nothing is answered before there is something: pg_dump may not get in.
            if (await dump.StandardOutput.BaseStream.ReadAsync(first, cancel) is > 0 and var count)
            {
                begin(null);
                await to.WriteAsync(first.AsMemory(0, count), cancel);
                await dump.StandardOutput.BaseStream.CopyToAsync(to, cancel);
            }
            await dump.WaitForExitAsync(cancel);
            if (dump.ExitCode != 0)
                throw ProblemException.Conflict(
                    "dump-failed", $"pg_dump ended with {dump.ExitCode}: {(await complaint).Trim()}",
                    "Mend that, or run pg_dump --schema=vio yourself.");
        }
        finally
        {
            if (!dump.HasExited)
                dump.Kill();
        }
    }

    private static Process Start(NpgsqlConnectionStringBuilder address)
    {
        var start = new ProcessStartInfo("pg_dump")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])["--schema=vio", "--no-owner", "--no-password"])
            start.ArgumentList.Add(argument);
        // Never as arguments, which every user of the machine can read.
        void Set(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value)) start.Environment[name] = value;
        }

        Set("PGHOST", address.Host);
        Set("PGPORT", $"{address.Port}");
        Set("PGDATABASE", address.Database);
        Set("PGUSER", address.Username);
        Set("PGPASSWORD", address.Password);
        Set("PGPASSFILE", address.Passfile);
        try
        {
            return Process.Start(start) ?? throw new InvalidOperationException("pg_dump was not started.");
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw ProblemException.Conflict(
                "no-pg-dump", $"pg_dump cannot be run on this server: {missing.Message}.",
                "Install postgresql-client, or run it elsewhere: "
                    + $"pg_dump --schema=vio --no-owner -h {address.Host} -p {address.Port} -d {address.Database}");
        }
    }
}
