using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace VioActors.Runtime.Sql;

/// <summary>
/// Copies an open SQLite file a few pages at a time, so that turns are committed in between; SQLite carries what they
/// change over into the copy.
/// </summary>
internal static class SqliteBackup
{
    private const int PagesPerStep = 256;
    private const int Ok = 0;
    private const int Done = 101;
    private const int Full = 13;

    /// <summary>Makes the copy: one whole file, as of the end of the copying.</summary>
    /// <exception cref="StoreUnavailableException">The copy cannot be written; what there is of it is useless.
    /// </exception>
    public static async Task CopyAsync(SqliteDatabase from, string path, CancellationToken cancel)
    {
        var target = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false };
        using var to = new SqliteConnection(target.ToString());
        try
        {
            to.Open();
            await StepAsync(from, to, path, cancel);
            using var single = to.CreateCommand();
            single.CommandText = "PRAGMA journal_mode = DELETE";
            single.ExecuteScalar();
        }
        catch (SqliteException e)
        {
            throw Refused(path, e.SqliteErrorCode, e);
        }
    }

    private static async Task StepAsync(
        SqliteDatabase from, SqliteConnection to, string path, CancellationToken cancel)
    {
        var backup = await from.CallAsync(() => from.BeginBackup(to));
        var result = Ok;
        try
        {
            while (result == Ok)
            {
                cancel.ThrowIfCancellationRequested();
                result = await from.CallAsync(() => raw.sqlite3_backup_step(backup, PagesPerStep));
            }
        }
        finally
        {
            await from.CallAsync(() => raw.sqlite3_backup_finish(backup));
        }
        if (result != Done)
            throw Refused(path, result, null);
    }

    private static StoreUnavailableException Refused(string path, int code, Exception? inner) => code == Full
        ? new(path, "the disk is full while the store is copied there", "Free space on its file system.", inner)
        : new(path, $"the store cannot be copied there: SQLite error {code}", "Look at its directory and disk.", inner);
}
