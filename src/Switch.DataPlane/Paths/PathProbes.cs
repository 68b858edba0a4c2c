using System.Net;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// Sends the probes of all paths and takes their answers. Both are sealed with the session's keys, so that nobody
/// else can say how good a path is.
/// </summary>
internal sealed class PathProbes(SwitchCore core)
{
    /// <summary>Probes of one peer whose answers are still known; a later answer is worth nothing.</summary>
    private const int Remembered = 16;

    /// <summary>Sends what is due to one peer.</summary>
    public void Tick(PeerTunnel peer)
    {
        if (peer.Current is not { } session || !session.Understands(TunnelCapabilities.Probes))
            return;
        PathState path = peer.Path;
        if (path.Health.Due(core.NowMs))
            Send(peer, session, path, TunnelSession.Overhead + PathMessages.ProbeBytes);
        if (!path.Health.IsProven)
            return;
        int size = path.Mtu.Next(core.NowMs, path.Health.PatienceMs);
        peer.UseSize(path.Mtu.Usable);
        if (size > 0)
            Send(peer, session, path, size);
    }

    /// <summary>A peer asks.</summary>
    public void OnProbe(PeerTunnel peer, TunnelSession session, ulong token, int datagramBytes, in Arrival arrival)
    {
        peer.Counters.Add(TunnelCount.ProbesIn);
        PathMessages.WriteReply(core.Sender.Text, token, datagramBytes, arrival.Via is null ? arrival.Address : []);
        core.Sender.SendText(peer, session, core.Paths.Back(peer, arrival), PathMessages.ReplyBytes, whole: false);
    }

    /// <summary>A peer answers.</summary>
    public void OnReply(PeerTunnel peer, ulong token, int size, IPEndPoint? seen)
    {
        SentProbe probe = peer.Probes.Length == 0 ? default : peer.Probes[token % Remembered];
        if (probe.Token != token || probe.Path is not { } path)
        {
            peer.Counters.Add(TunnelCount.DropBadMessage);
            return;
        }

        peer.Counters.Add(TunnelCount.ProbesAnswered);
        peer.Probes[token % Remembered] = default;
        path.Health.Answered(core.NowUs - probe.SentUs, core.NowMs);
        path.Mtu.Crossed(Math.Min(size, probe.Size), core.NowMs);
        peer.SeenAs = seen ?? peer.SeenAs;
        core.Paths.Answered(peer, path);
        if (ReferenceEquals(path, peer.Path))
            peer.UseSize(path.Mtu.Usable);
    }

    /// <summary>Sends a probe of this many bytes one way.</summary>
    public void Send(PeerTunnel peer, TunnelSession session, PathState way, int size)
    {
        ulong token = ++peer.LastProbe;
        if (peer.Probes.Length == 0)
            peer.Probes = new SentProbe[Remembered];
        peer.Probes[token % Remembered] = new SentProbe(token, core.NowUs, size, way);
        int length = size - TunnelSession.Overhead;
        PathMessages.WriteProbe(core.Sender.Text[..length], token);
        core.Sender.SendText(peer, session, way, length, whole: true);
        peer.Counters.Add(TunnelCount.ProbesOut);
    }
}

/// <summary>A probe that may still be answered.</summary>
/// <param name="Token">In both messages; 0 is none.</param>
/// <param name="SentUs">Monotonic microseconds.</param>
/// <param name="Size">Bytes of its datagram.</param>
/// <param name="Path">The path that it tries.</param>
internal readonly record struct SentProbe(ulong Token, long SentUs, int Size, PathState Path);
