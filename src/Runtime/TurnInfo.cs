using System.Security.Cryptography;
using System.Text;

namespace VioActors.Runtime;

/// <summary>All that a decision may know besides state and message. Equal inputs give equal decisions.</summary>
/// <param name="Now">The time of this turn by the runtime's clock; one value for the whole turn.</param>
/// <param name="TurnId">Unique id of the message that is being decided; equal again when the turn is repeated.</param>
/// <param name="Self">The actor that decides.</param>
/// <param name="Sender">The actor that sent the message; null when it came from outside (API, effect, timer).</param>
/// <param name="Principal">Who asked for the work that led to this message, in the form the application chose.</param>
/// <param name="Generation">The site generation of the store: rises at every promotion or restore of it.</param>
public readonly record struct TurnInfo(
    DateTimeOffset Now, string TurnId, ActorKey Self, ActorKey? Sender, string Principal, long Generation)
{
    /// <summary>
    /// Since when this server decides for the actor, by the runtime's clock. Who waits for somebody's silence counts it
    /// from here at the earliest: what was said before could go unheard.
    /// </summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>
    /// A fresh id for something made in this turn. The same purpose and index give the same id when the turn is
    /// repeated after a crash, and another id in every other turn.
    /// </summary>
    /// <returns>A GUID derived from SHA-256 of turn id, purpose and index.</returns>
    public Guid DeriveId(string purpose, int index = 0)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{TurnId}\n{purpose}\n{index}"), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80); // version 8: custom
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80); // RFC 9562 variant
        return new Guid(hash[..16], bigEndian: true);
    }
}
