using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using VioActors.Actors.Host.Agent;
using VioActors.Contracts;
using VioActors.Daemon.Server;
using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Agent.Nodes;

/// <summary>
/// The run ledger as one small file per node: written beside, synced, renamed, directory synced. Records of removed
/// nodes are kept for 30 days, long after any late command.
/// </summary>
internal sealed class FileRunLedger : IRunLedger
{
    private const string Extension = ".json";
    private static readonly TimeSpan KeepRemoved = TimeSpan.FromDays(30);
    private readonly string _directory;
    private readonly ConcurrentDictionary<NodeId, RunRecord> _records = new();
    private readonly SemaphoreSlim _writing = new(1, 1);

    private readonly ProcessRunner _runner;

    private FileRunLedger(string directory, ProcessRunner runner) => (_directory, _runner) = (directory, runner);

    /// <inheritdoc/>
    public ImmutableArray<RunRecord> All => [.. _records.Values];

    /// <summary>Reads all records.</summary>
    /// <exception cref="StartupException">One cannot be read: acting without it could run a node twice.</exception>
    public static FileRunLedger Open(string directory, ProcessRunner runner, TimeProvider clock)
    {
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var ledger = new FileRunLedger(directory, runner);
        foreach (var path in Directory.EnumerateFiles(directory))
        {
            if (!path.EndsWith(Extension, StringComparison.Ordinal))
            {
                File.Delete(path);
                continue;
            }
            var record = Read(path);
            if (record.Removed && clock.GetUtcNow().UtcDateTime - File.GetLastWriteTimeUtc(path) > KeepRemoved)
                File.Delete(path);
            else
                ledger._records[record.Node] = record;
        }
        return ledger;
    }

    /// <inheritdoc/>
    public RunRecord? Find(NodeId node) => _records.GetValueOrDefault(node);

    /// <inheritdoc/>
    public async Task<RunRecord> RaiseAsync(RunRecord command, CancellationToken cancel)
    {
        await _writing.WaitAsync(cancel);
        try
        {
            var known = Find(command.Node);
            var raised = RunRecord.Raise(known, command);
            if (raised == known) return raised;
            await WriteAsync(raised, cancel);
            return _records[command.Node] = raised;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new HypervisorException(
                "ledger-failed",
                $"The run of node {command.Node} could not be stored in {_directory}: {failed.Message}",
                "Free disk space on the host; nothing was done.", failed);
        }
        finally
        {
            _writing.Release();
        }
    }

    private static RunRecord Read(string path)
    {
        try
        {
            var record = JsonSerializer.Deserialize<RunRecord>(File.ReadAllText(path), Wire.Json);
            return record?.Node.Value == Path.GetFileNameWithoutExtension(path)
                ? record
                : throw new JsonException("it is not the record of the node that its name says");
        }
        catch (Exception bad)
            when (bad is JsonException or IOException or UnauthorizedAccessException or FormatException)
        {
            throw new StartupException(
                $"The run record {path} cannot be read: {bad.Message}",
                "Make sure that the node runs on no other host, then restore or delete the file.", bad);
        }
    }

    private async Task WriteAsync(RunRecord record, CancellationToken cancel)
    {
        var path = Path.Combine(_directory, NodeId.From(record.Node.Value).Value + Extension);
        var incoming = path + ".incoming";
        await using (var file = new FileStream(incoming, FileMode.Create, FileAccess.Write))
        {
            await JsonSerializer.SerializeAsync(file, record, Wire.Json, cancel);
            file.Flush(flushToDisk: true);
        }
        File.Move(incoming, path, overwrite: true);
        await DirectorySync.FlushAsync(_directory, _runner, cancel);
    }
}

/// <summary>Makes a rename durable.</summary>
internal static class DirectorySync
{
    /// <summary>
    /// Syncs a directory, so that what was renamed in it survives a power cut. .NET opens no directories; coreutils
    /// does.
    /// </summary>
    /// <exception cref="IOException">It could not be synced.</exception>
    public static async Task FlushAsync(string directory, ProcessRunner runner, CancellationToken cancel)
    {
        try
        {
            await runner.RunAsync(new ProcessCommand("sync", "--", directory), cancel);
        }
        catch (ProcessFailedException failed)
        {
            throw new IOException(failed.Message, failed);
        }
    }
}
