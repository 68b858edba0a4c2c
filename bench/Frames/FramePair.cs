using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using VioActors.Switch.DataPlane;
using SocketAddress = VioActors.Switch.DataPlane.SocketAddress;

namespace VioActors.Bench.Frames;

/// <summary>
/// Two switch cores, one node on each, joined without a network: what one sends, the other receives in the same call.
/// All of the product's path between two TAPs but the system calls. Single-threaded.
/// </summary>
internal sealed class FramePair : IDisposable
{
    /// <summary>Underlay MTU 1500 less IP, UDP and the tunnel's own headers, as the switch computes it.</summary>
    public const int MaxSlicePayload = 1500 - 28 - TunnelSession.Overhead - SliceHeader.Bytes;

    private const string Environment = "bench";
    private static readonly byte[] Binding = EnvironmentTag.Of(Environment);
    private readonly Side _left;
    private readonly Side _right;
    private readonly byte[] _superFrame;

    /// <param name="payloadBytes">Bytes behind the Ethernet header, an IPv4 packet.</param>
    /// <param name="time">Clock of the cores.</param>
    /// <param name="sink">Where the receiving node's frames go.</param>
    public FramePair(int payloadBytes, TimeProvider time, IFrameSink sink)
    {
        _left = new Side("left", 1, time);
        _right = new Side("right", 2, time);
        _left.Other = _right;
        _right.Other = _left;
        Side[] both = [_left, _right];
        foreach (Side side in both) side.Configure(both, sink);
        byte[] forth = RandomNumberGenerator.GetBytes(Aead.KeyBytes + Aead.IvBytes);
        byte[] back = RandomNumberGenerator.GetBytes(Aead.KeyBytes + Aead.IvBytes);
        _ = Aead.TryChoose(Aead.Supported, Aead.Supported, out TunnelCipher cipher);
        Cipher = cipher;
        _left.Join(new SessionKeys(true, cipher, DatagramHeader.MaxVersion, 0, forth, back));
        _right.Join(new SessionKeys(false, cipher, DatagramHeader.MaxVersion, 0, back, forth));
        _superFrame = SuperFrame(payloadBytes);
    }

    /// <summary>What handshakes choose on this machine.</summary>
    public TunnelCipher Cipher { get; }

    /// <summary>Datagrams that left the sending core.</summary>
    public long Datagrams => _left.Sent;

    /// <summary>When set, the next datagrams have one bit turned on their way.</summary>
    public bool Damage { get => _left.Damage; set => _left.Damage = value; }

    /// <summary>One frame from the left node to the right one.</summary>
    public void Send() => _left.Core.FromPort(_left.Table, _left.Port, _superFrame);

    /// <summary>Reads the clock, as a lane does once per batch.</summary>
    public void NextBatch()
    {
        _left.Core.UpdateClock();
        _right.Core.UpdateClock();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _left.Dispose();
        _right.Dispose();
    }

    private static byte[] SuperFrame(int payloadBytes)
    {
        byte[] all = new byte[Limits.VnetHeaderBytes + 14 + payloadBytes];
        Span<byte> frame = all.AsSpan(Limits.VnetHeaderBytes);
        Side.MacOf(2).Write(frame);
        Side.MacOf(1).Write(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], 0x0800);
        frame[14] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(frame[16..], (ushort)payloadBytes);
        frame[23] = 253;
        Side.IpOf(1).Write(frame[26..]);
        Side.IpOf(2).Write(frame[30..]);
        return all;
    }

    private sealed class Side : IDatagramLink, IDisposable
    {
        private readonly byte[] _received = new byte[Limits.MaxDatagramBytes];
        private readonly SwitchIdentity _identity = new();
        private readonly PeerVerifier _verifier;
        private readonly int _number;

        public Side(string id, int number, TimeProvider time)
        {
            (Id, _number) = (id, number);
            Address = SocketAddress.From(new IPEndPoint(new IPAddress([10, 9, 0, (byte)number]), 7003));
            _verifier = new PeerVerifier("bench", Certificate(time), time);
            Core = new SwitchCore(
                new CoreSettings { HostId = id, Lane = 0, MaxSlicePayload = MaxSlicePayload, Isolated = true },
                time, this, _identity, _verifier);
        }

        public string Id { get; }
        public SocketAddress Address { get; }
        public SwitchCore Core { get; }
        public Side Other { get; set; } = null!;
        public SwitchEnvironment Table => Core.Environments[Environment];
        public SwitchPort Port { get; private set; } = null!;
        public long Sent { get; private set; }
        public bool Damage { get; set; }

        public static MacAddress MacOf(int number) =>
            MacAddress.TryParse($"02:00:00:00:00:0{number}", out MacAddress mac) ? mac : throw new FormatException();

        public static Ipv4 IpOf(int number) =>
            Ipv4.TryParse($"10.1.0.{number}", out Ipv4 ip) ? ip : throw new FormatException();

        public void Configure(Side[] both, IFrameSink sink)
        {
            NodePlan[] nodes = [.. both.Select(side => new NodePlan(
                side.Id, MacOf(side._number), IpOf(side._number), side.Id, null, 1, IsLocalProber: false))];
            PeerPlan[] peers = [new PeerPlan(Other.Id, Other.Address.EndPoint)];
            CoreConfiguration.Configure(
                Core, new StatePlan(1, [new EnvironmentPlan(Environment, peers, null, [], nodes)], []));
            Port = CoreConfiguration.AddPort(
                Core, Environment, new PortPlan("tap", "br", Id, MacOf(_number), IpOf(_number), true, 1500), sink);
        }

        // The handshake is not measured: its result is put in place.
        public void Join(SessionKeys keys)
        {
            PeerTunnel peer = Table.PeerOf(Other.Id)!;
            var session = new TunnelSession((uint)_number, (uint)Other._number, keys, Binding, Core.NowMs);
            Core.AddSession(peer, session);
            peer.Current = session;
        }

        public void Send(ReadOnlySpan<byte> datagram, SocketAddress to, byte trafficClass)
        {
            Sent++;
            // This copy stands for the kernel's: the receiver decrypts in place.
            Span<byte> copy = Other._received.AsSpan(0, datagram.Length);
            datagram.CopyTo(copy);
            if (Damage) copy[^1] ^= 1;
            Other.Core.FromNetwork(copy, Address.Bytes);
        }

        public void Dispose()
        {
            Core.Dispose();
            _verifier.Dispose();
            _identity.Dispose();
        }

        private static string Certificate(TimeProvider time)
        {
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            DateTimeOffset now = time.GetUtcNow();
            using X509Certificate2 ca = new CertificateRequest("CN=bench", key, HashAlgorithmName.SHA256)
                .CreateSelfSigned(now, now.AddDays(1));
            return ca.ExportCertificatePem();
        }
    }
}
