using System.Security.Cryptography;

namespace VioActors.Switch.DataPlane;

/// <summary>P-256 public keys as uncompressed points: 4, X, Y.</summary>
internal static class PublicPoint
{
    public static byte[] Encode(ECParameters key)
    {
        byte[] point = new byte[IdentityStatement.PublicKeyBytes];
        point[0] = 4;
        key.Q.X!.CopyTo(point, 1);
        key.Q.Y!.CopyTo(point, 33);
        return point;
    }

    /// <summary>The key of a point; throws <see cref="CryptographicException"/> when it is not on the curve.</summary>
    public static ECParameters Decode(ReadOnlySpan<byte> point)
    {
        if (point.Length != IdentityStatement.PublicKeyBytes || point[0] != 4)
            throw new CryptographicException("Not an uncompressed P-256 point.");
        return new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = point.Slice(1, 32).ToArray(), Y = point.Slice(33, 32).ToArray() },
        };
    }
}
