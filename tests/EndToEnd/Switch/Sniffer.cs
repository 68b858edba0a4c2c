using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using VioActors.Switch.DataPlane;

namespace VioActors.EndToEnd.Switch;

/// <summary>
/// One guest under load: sends marked datagrams to others all the time, and looks at every frame that comes to it, with
/// a packet socket of its own, for its own mark and for a foreign one. Runs until it is disposed.
/// </summary>
internal sealed class Sniffer : IDisposable
{
    private const int AF_PACKET = 17;
    private const int SOCK_RAW = 3;
    private const ushort AllProtocols = 0x0300;
    private const int Burst = 8;
    private readonly byte[] _own;
    private readonly byte[] _foreign;
    private readonly MacAddress _mac;
    private readonly Thread[] _threads;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _stopping;
    private long _ownSeen;
    private long _foreignSeen;
    private Exception? _failure;

    public Sniffer(string networkNamespace, string mac, byte[] own, byte[] foreign, params string[] others)
    {
        (_own, _foreign) = (own, foreign);
        Assert.True(MacAddress.TryParse(mac, out _mac));
        string path = "/run/netns/" + networkNamespace;
        _threads =
        [
            NetworkNamespace.Start("sniffer", path, () => Guard(Look)),
            NetworkNamespace.Start("talker", path, () => Guard(() => Talk(others))),
        ];
    }

    /// <summary>Ends when it listens.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Frames from others with the mark of its own environment.</summary>
    public long OwnSeen => Interlocked.Read(ref _ownSeen);

    /// <summary>Frames with the other environment's mark.</summary>
    public long ForeignSeen => Interlocked.Read(ref _foreignSeen);

    public void Dispose()
    {
        _stopping = true;
        foreach (Thread thread in _threads)
            thread.Join();
        Assert.Null(_failure);
    }

    private void Guard(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e)
        {
            _failure = e;
            _ready.TrySetException(e);
        }
    }

    private void Look()
    {
        int fd = LibC.socket(AF_PACKET, SOCK_RAW | LibC.SOCK_NONBLOCK, AllProtocols);
        if (fd < 0)
            throw LibC.Failure("packet socket");
        int size = 8 * 1024 * 1024;
        _ = LibC.setsockopt(fd, LibC.SOL_SOCKET, LibC.SO_RCVBUFFORCE, ref size, 4);
        using var epoll = new Epoll();
        epoll.Add(fd);
        _ready.TrySetResult();
        byte[] frame = new byte[70_000];
        Span<int> ready = stackalloc int[1];
        while (!_stopping)
        {
            epoll.Wait(ready, 50);
            for (int length; (length = (int)LibC.read(fd, ref MemoryMarshal.GetArrayDataReference(frame), 70_000)) > 0;)
                Judge(frame.AsSpan(0, length));
        }

        _ = LibC.close(fd);
    }

    private void Judge(ReadOnlySpan<byte> frame)
    {
        if (frame.IndexOf(_foreign) >= 0)
            Interlocked.Increment(ref _foreignSeen);
        else if (frame.Length > 14 && MacAddress.Read(frame[6..]) != _mac && frame.IndexOf(_own) >= 0)
            Interlocked.Increment(ref _ownSeen);
    }

    private void Talk(string[] others)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.EnableBroadcast = true;
        byte[] datagram = new byte[1400];
        _own.CopyTo(datagram, 600);
        IPEndPoint[] to = [.. others.Select(ip => new IPEndPoint(IPAddress.Parse(ip), 9))];
        var everyone = new IPEndPoint(IPAddress.Parse("10.1.255.255"), 9);
        using var pause = new Epoll();
        Span<int> none = stackalloc int[1];
        for (int turn = 0; !_stopping; turn++)
        {
            try
            {
                for (int i = 0; i < Burst; i++)
                    socket.SendTo(datagram, to[(turn + i) % to.Length]);
                if (turn % 100 == 0)
                    socket.SendTo(datagram, everyone);
            }
            catch (SocketException)
            {
                // No room, or nobody answered ARP yet: others follow.
            }

            pause.Wait(none, 1);
        }
    }
}
