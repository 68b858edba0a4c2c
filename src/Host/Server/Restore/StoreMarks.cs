using System.Security.Cryptography;
using System.Text;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Security;
using VioActors.Runtime;

namespace VioActors.Daemon.Server.Restore;

/// <summary>Makes marks of a store, and compares a store with marks of earlier.</summary>
internal sealed class StoreMarks(IStore store, SiteAuthority authority)
{
    private readonly byte[] _key = authority.DeriveSecret("vio store mark", SHA256.HashSizeInBytes);

    /// <summary>The mark of a point that was just looked at.</summary>
    public async Task<StoreMark> OfAsync(StorePoint point) =>
        Sealed(point.Generation, point.Position, await EventAsync(point.Position) ?? "");

    /// <summary>Whether a server of this site made it.</summary>
    public bool IsOurs(StoreMark mark) => mark is { Event: not null, Seal: { } seal }
        && CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(Sealed(mark.Generation, mark.Position, mark.Event).Seal),
            Encoding.UTF8.GetBytes(seal));

    /// <summary>
    /// What the store lacks of what was seen; null for nothing, or when somebody has decided since that it counts all
    /// the same.
    /// </summary>
    public async Task<string?> LackAsync(StorePoint point, StoreMark seen)
    {
        if (point.Adopted > seen.Generation)
            return null;
        var has = $"the store is at generation {point.Generation}, position {point.Position}";
        if (point.Generation < seen.Generation || point.Position < seen.Position)
            return $"{has}, and was at generation {seen.Generation}, position {seen.Position}";
        return await EventAsync(seen.Position) == seen.Event
            ? null
            : $"{has}, and what it has at position {seen.Position} is another event than was there";
    }

    private async Task<string?> EventAsync(long position)
    {
        if (position == 0)
            return "";
        var rows = await store.ReadJournalAsync(position - 1, 1);
        return rows is [{ Event: var one } row] && row.Position == position
            ? Hex(SHA256.HashData(Encoding.UTF8.GetBytes(
                $"{position}\n{row.Generation}\n{row.Epoch}\n{one.Actor}\n{one.Seq}\n{one.TurnId}\n{one.At.UtcTicks}")))
            : null;
    }

    private StoreMark Sealed(long generation, long position, string @event) => new(
        generation, position, @event,
        Hex(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{generation}\n{position}\n{@event}"))));

    private static string Hex(byte[] octets) => Convert.ToHexStringLower(octets);
}
