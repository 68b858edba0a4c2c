using VioActors.Daemon.Agent.Fabric;
using VioActors.Switch.DataPlane;

namespace VioActors.Daemon.Agent.Switching;

/// <summary>
/// The agent's one connection to its switchd, made anew when it broke. All requests share it, so that however many
/// nodes are waited for, one connection is used. Thread-safe.
/// </summary>
internal sealed class SwitchLink(string socket) : IAsyncDisposable
{
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private SwitchControlClient? _client;

    /// <summary>The connection; it belongs to this object.</summary>
    /// <exception cref="IOException">No switchd answers.</exception>
    /// <exception cref="SwitchRefusedException">It speaks no version that this build does.</exception>
    public async Task<SwitchControlClient> GetAsync(CancellationToken cancel)
    {
        if (Volatile.Read(ref _client) is { IsClosed: false } open) return open;
        await _connecting.WaitAsync(cancel);
        try
        {
            if (_client is { IsClosed: false } other) return other;
            if (_client is { } broken) await broken.DisposeAsync();
            _client = null;
            return _client = await SwitchControlClient.ConnectAsync(socket, AgentServices.Build, cancel);
        }
        finally
        {
            _connecting.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _client, null) is { } client) await client.DisposeAsync();
    }
}
