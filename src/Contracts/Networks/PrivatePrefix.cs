using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace VioActors.Contracts.Networks;

/// <summary>
/// The IPv6 prefix of an environment: unique local (RFC 4193), 64 bits, from a hash of the environment's id, so nobody
/// has to remember it and no two environments share one but by chance (1 in 2^56).
/// </summary>
public static class PrivatePrefix
{
    /// <summary>The address that belongs to an IPv4 address of the environment: the prefix, then its 32 bits.</summary>
    /// <param name="environment">Whose prefix.</param>
    /// <param name="ip">An IPv4 address.</param>
    /// <exception cref="FormatException">It is none.</exception>
    public static string AddressOf(EnvironmentId environment, string ip)
    {
        if (!Ipv4.TryParse(ip, out var number))
            throw new FormatException($"'{ip}' is not an IPv4 address.");
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes("vio-prefix 1\n" + environment.Value));
        Span<byte> address = stackalloc byte[16];
        address.Clear();
        address[0] = 0xFD;
        hash.AsSpan(0, 7).CopyTo(address[1..]);
        BinaryPrimitives.WriteUInt32BigEndian(address[12..], number);
        return new IPAddress(address).ToString();
    }
}
