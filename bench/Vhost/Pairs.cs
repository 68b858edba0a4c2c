using VioActors.Switch.DataPlane;
using VioActors.Switch.DataPlane.Tests;

namespace VioActors.Bench.Vhost;

/// <summary>
/// Two machines on vhost-user, played by this process. As in a machine, frames are in its memory already when they are
/// sent, and stay there when they were received; with <paramref name="copies"/> they are copied in and out.
/// </summary>
internal sealed class MachinePair(VhostMachine sender, VhostMachine receiver, bool copies) : INodePair
{
    /// <inheritdoc/>
    public void Prepare(ReadOnlySpan<byte> superFrame) => sender.Transmit.Prepare(superFrame);

    /// <inheritdoc/>
    public bool TrySend(ReadOnlySpan<byte> superFrame) =>
        copies ? sender.Transmit.TrySend(superFrame) : sender.Transmit.TrySendAgain(superFrame.Length);

    /// <inheritdoc/>
    public void Kick() => sender.Transmit.Kick();

    /// <inheritdoc/>
    public int TryReceive(Span<byte> room)
    {
        var length = copies ? receiver.Receive.TryReceive(room) : receiver.Receive.TryTake();
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
    public void Prepare(ReadOnlySpan<byte> superFrame)
    {
    }

    /// <inheritdoc/>
    public bool TrySend(ReadOnlySpan<byte> superFrame) => sender.Write(superFrame);

    /// <inheritdoc/>
    public void Kick()
    {
    }

    /// <inheritdoc/>
    public int TryReceive(Span<byte> room) => Math.Max(0, receiver.Read(room));

    /// <inheritdoc/>
    public void Dispose()
    {
        sender.Dispose();
        receiver.Dispose();
    }
}
