namespace VioActors.Daemon.Shell;

/// <summary>
/// An advisory lock between processes: whoever holds the file open owns it; a dead owner loses it at once.
/// </summary>
internal sealed class FileLock : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private readonly FileStream _file;

    private FileLock(FileStream file) => _file = file;

    /// <summary>Waits up to five minutes for the lock.</summary>
    /// <exception cref="TimeoutException">Another process kept it all the time.</exception>
    public static async Task<FileLock> TakeAsync(string path, CancellationToken cancel, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        for (var started = time.GetTimestamp(); ;)
        {
            try
            {
                return new FileLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException) when (time.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancel);
            }
            catch (IOException busy)
            {
                throw new TimeoutException(
                    $"'{path}' stayed locked by another process for {Patience.TotalMinutes} min", busy);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _file.DisposeAsync();
}
