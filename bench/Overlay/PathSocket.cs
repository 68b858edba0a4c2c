using System.Net;
using System.Net.Sockets;

namespace VioActors.Bench.Overlay;

/// <summary>UDP sockets of measuring code.</summary>
internal static class PathSocket
{
    /// <summary>
    /// Opens one in an end's namespace, where it stays whatever thread uses it; it knows the other end only.
    /// </summary>
    /// <param name="own">Where it is.</param>
    /// <param name="other">The other end.</param>
    /// <param name="port">Of both.</param>
    public static Task<Socket> OpenAsync(PathEnd own, PathEnd other, int port) =>
        NamespaceThread.RunAsync(own.Space, () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(own.Address), port));
            socket.Connect(new IPEndPoint(IPAddress.Parse(other.Address), port));
            return socket;
        });
}
