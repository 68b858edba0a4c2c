using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// Each side tells the other how many of its datagrams were lost. Where some are, but not so many that the path is
/// jammed, the sender adds parity: then one lost datagram costs nothing instead of part of a super-frame.
/// </summary>
internal sealed class LossReports(SwitchCore core)
{
    public const int Bytes = 3;

    /// <summary>Parity begins at this loss; it breaks about one 64 KB frame in 40.</summary>
    private const double Least = 0.0005;

    /// <summary>Beyond this loss more datagrams would only jam the path further.</summary>
    private const double Most = 0.1;

    private const int IntervalMs = 500;
    private const int FewestDatagrams = 200;

    /// <summary>Reports what is due to one peer.</summary>
    public void Tick(PeerTunnel peer)
    {
        if (peer.Current is not { } session || core.NowMs < session.NextLossReportMs
            || !session.Understands(TunnelCapabilities.Parity)
            || session.MeasureLoss(FewestDatagrams) is not { } loss)
        {
            return;
        }

        session.NextLossReportMs = core.NowMs + IntervalMs;
        if (loss == 0 && peer.Loss == 0)
            return;
        peer.Loss = loss;
        core.Sender.SendLoss(peer, (ushort)(Math.Clamp(loss, 0, 1) * ushort.MaxValue));
    }

    /// <summary>What the peer reports.</summary>
    public static void Take(TunnelSession session, ReadOnlySpan<byte> text)
    {
        double loss = (double)BinaryPrimitives.ReadUInt16BigEndian(text[1..]) / ushort.MaxValue;
        session.SendsParity = loss is >= Least and <= Most;
    }
}
