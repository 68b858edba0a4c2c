using System.Buffers.Binary;

namespace VioActors.Daemon.Agent.Moves;

/// <summary>
/// Passes on what the source's libvirtd asks of ours, message by message, and only what a move of the announced machine
/// consists of: a host that was broken into could otherwise rule every machine here, as libvirtd takes the agent for
/// root. What libvirtd answers needs no check.
/// </summary>
internal static class ControlFilter
{
    /// <summary>Longest message, octets; a machine's description has a few thousand.</summary>
    internal const int MaxMessage = 1 << 20;

    /// <summary>Copies until the source ends its direction.</summary>
    /// <exception cref="InvalidDataException">A message that is no part of the move: it was not passed on.</exception>
    /// <exception cref="IOException">One end broke.</exception>
    public static async Task PassAsync(Stream source, Stream libvirtd, IncomingGuest guest, CancellationToken cancel)
    {
        var head = new byte[4];
        while (await source.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancel) is > 0 and var got)
        {
            var length = got == head.Length ? BinaryPrimitives.ReadUInt32BigEndian(head) : 0;
            if (length is < LibvirtCall.HeaderBytes or > MaxMessage)
                throw Refused($"a message of {length} octets", guest);
            var message = new byte[length];
            head.CopyTo(message, 0);
            if (await source.ReadAtLeastAsync(
                message.AsMemory(head.Length), message.Length - head.Length, throwOnEndOfStream: false, cancel)
                < message.Length - head.Length)
                throw Refused("it ended inside a message", guest);
            if (LibvirtCall.Problem(message, guest) is { } problem) throw Refused(problem, guest);
            await libvirtd.WriteAsync(message, cancel);
        }
    }

    private static InvalidDataException Refused(string why, IncomingGuest guest) =>
        new($"a libvirt call for node {guest.Node} was refused: {why}");
}
