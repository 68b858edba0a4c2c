using System.Globalization;
using VioActors.Contracts;

namespace VioActors.Actors.VirtualCluster;

/// <summary>
/// What the id of a request says. It travels as text and comes back in the answer: this is the only place that writes
/// such texts and reads them. They are stored with commands under way, so the texts of older builds stay readable.
/// </summary>
internal abstract record RequestId
{
    private RequestId()
    {
    }

    /// <summary>A request of an operation's step, which waits for it.</summary>
    /// <param name="Operation">The operation.</param>
    /// <param name="Step">Step, direction and attempt; unique in the operation.</param>
    /// <param name="Item">Number of the request in the step.</param>
    internal sealed record OfStep(OperationId Operation, string Step, int Item) : RequestId
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Operation}/{Step}/{Item}");
    }

    /// <summary>A look at a node that no operation works on.</summary>
    /// <param name="Look">Its number, from 1.</param>
    /// <param name="Run">The node's run when it was asked.</param>
    /// <param name="Unique">Of the turn that asked.</param>
    /// <param name="Node">The node.</param>
    internal sealed record OfLook(int Look, long Run, Guid Unique, NodeId Node) : RequestId
    {
        internal const string Word = "look";

        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"{Word}/{Look}/{Run}/{Unique:N}/{Node}");
    }

    /// <summary>Makes a node what its environment wants, because its host was seen to hold something else.</summary>
    /// <param name="Unique">Of the turn that asked.</param>
    /// <param name="Look">The look that led to it, from 1.</param>
    /// <param name="Node">The node.</param>
    internal sealed record OfStray(Guid Unique, int Look, NodeId Node) : RequestId
    {
        internal const string Word = "stray";
        internal const string Memory = "memory";
        internal const string Removed = "removal";
        internal const string Rooms = "room";
        internal const string Sighted = "sighting";

        /// <summary>The run under which the node's memory is told again; null when it is not about that.</summary>
        public long? MemoryRun { get; init; }

        /// <summary>Removes the node from a host where it does not belong.</summary>
        public bool Removal { get; init; }

        /// <summary>Asks whether a host still holds what does not belong there.</summary>
        public bool Sighting { get; init; }

        /// <summary>Books or frees room; nobody waits for the answer.</summary>
        public bool Room { get; init; }

        public override string ToString()
        {
            var memory = MemoryRun is { } run ? $"/{Memory}/{run.ToString(CultureInfo.InvariantCulture)}" : "";
            var what = Removal ? $"/{Removed}" : Sighting ? $"/{Sighted}" : "";
            var room = Room ? $"/{Rooms}" : "";
            return string.Create(
                CultureInfo.InvariantCulture, $"{Word}/{Unique:N}/{Look}/{Node}{memory}{what}{room}");
        }
    }

    /// <summary>Reads an id; null when it is none of ours, so that nobody waits for it.</summary>
    public static RequestId? Parse(string text)
    {
        var parts = text.Split('/');
        return parts switch
        {
            [OfLook.Word, var look, var run, var unique, var node]
                when Number(look) is { } l && Number(run) is { } r && Unhex(unique) is { } u =>
                new OfLook((int)l, r, u, new NodeId(node)),
            [OfStray.Word, .. var rest, OfStray.Rooms] =>
                ParseStray(rest) is { } stray ? stray with { Room = true } : null,
            [OfStray.Word, .. var rest] => ParseStray(rest),
            [not OfLook.Word, var step, var item] when Number(item) is { } i =>
                new OfStep(new OperationId(parts[0]), step, (int)i),
            _ => null,
        };
    }

    private static OfStray? ParseStray(string[] parts) => parts switch
    {
        [var unique, var look, var node] when Unhex(unique) is { } u && Number(look) is { } l =>
            new OfStray(u, (int)l, new NodeId(node)),
        [.. var stray, OfStray.Removed] => ParseStray(stray) is { } removed ? removed with { Removal = true } : null,
        [.. var stray, OfStray.Sighted] => ParseStray(stray) is { } asked ? asked with { Sighting = true } : null,
        [.. var stray, OfStray.Memory, var run] when Number(run) is { } r && ParseStray(stray) is { } told =>
            told with { MemoryRun = r },
        _ => null,
    };

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static Guid? Unhex(string text) => Guid.TryParseExact(text, "N", out var unique) ? unique : null;
}
