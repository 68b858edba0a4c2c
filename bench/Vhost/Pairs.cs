using VioActors.Switch.DataPlane;
using VioActors.Switch.DataPlane.Tests;

namespace VioActors.Bench.Vhost;

/// <summary>Two machines on vhost-user, played by this process.</summary>
internal sealed class MachinePair(VhostMachine sender, VhostMachine receiver) : INodePair
{
    /// <inheritdoc/>
    public bool TrySend(ReadOnlySpan<byte> superFrame) => sender.Transmit.TrySend(superFrame);

    /// <inheritdoc/>
    public void Kick() => sender.Transmit.Kick();

    /// <inheritdoc/>
    public int TryReceive(Span<byte> superFrame)
    {
        var length = receiver.Receive.TryReceive(superFrame);
        if (length > 0 || receiver.Receive.Free == 0) return length;
        receiver.Receive.Fill();
        receiver.Receive.Kick();
        return 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        sender.Dispose();
        receiver.Dispose();
    }
}

/// <summary>Two TAPs that the switch made for a hypervisor, opened as a hypervisor opens them.</summary>
internal sealed class TapPair(TapDevice sender, TapDevice receiver) : INodePair
{
    /// <inheritdoc/>
    public bool TrySend(ReadOnlySpan<byte> superFrame) => sender.Write(superFrame);

    /// <inheritdoc/>
    public void Kick()
    {
    }

    /// <inheritdoc/>
    public int TryReceive(Span<byte> superFrame) => Math.Max(0, receiver.Read(superFrame));

    /// <inheritdoc/>
    public void Dispose()
    {
        sender.Dispose();
        receiver.Dispose();
    }
}
