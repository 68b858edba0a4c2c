using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Planning;

namespace VioActors.Actors.Adaptation.Vio;

/// <summary>Why each unit moved, or what was looked at and not taken: at most four places each.</summary>
internal sealed class VioNotes
{
    private const int MostRejected = 4;
    private readonly Dictionary<int, List<RejectedOption>> _rejected = [];
    private readonly Dictionary<int, (string Why, double Gain, double Cost)> _moved = [];

    internal bool Moved(int unit) => _moved.ContainsKey(unit);

    /// <summary>Whether a note of this place would be kept: sentences are written only then.</summary>
    internal bool Asks(int unit, string place) => !_rejected.TryGetValue(unit, out var list)
        || list.Count < MostRejected && !list.Exists(one => one.Place == place);

    internal void Move(int unit, string why, double gain, double cost) => _moved[unit] = (why, gain, cost);

    internal void Reject(int unit, string place, string why)
    {
        if (!Asks(unit, place)) return;
        if (!_rejected.TryGetValue(unit, out var list)) _rejected[unit] = list = [];
        list.Add(new RejectedOption(place, why));
    }

    internal (string? Why, double Gain, double Cost) Of(int unit) =>
        _moved.TryGetValue(unit, out var found) ? found : (null, 0, 0);

    /// <summary>Places that were rejected, without the one it went to after all.</summary>
    internal ImmutableArray<RejectedOption> Rejected(int unit, string at) =>
        _rejected.TryGetValue(unit, out var list) ? [.. list.Where(one => one.Place != at)] : [];
}
