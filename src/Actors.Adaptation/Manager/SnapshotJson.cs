using System.Text.Json;
using System.Text.Json.Serialization;
using VioActors.Actors.Adaptation.Model;
using VioActors.Contracts;

namespace VioActors.Actors.Adaptation.Manager;

/// <summary>How snapshots are written: the JSON of the wire, histories as arrays of samples, newest first.</summary>
public static class SnapshotJson
{
    /// <summary>Writes and reads <see cref="Snapshot"/>.</summary>
    public static readonly JsonSerializerOptions Options = Create();

    private static JsonSerializerOptions Create()
    {
        var json = new JsonSerializerOptions(Wire.Json);
        json.Converters.Add(new HistoryConverter());
        json.MakeReadOnly(populateMissingResolver: true);
        return json;
    }

    private sealed class HistoryConverter : JsonConverter<SampleHistory>
    {
        public override SampleHistory Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
        {
            var samples = JsonSerializer.Deserialize<List<Sample>>(ref reader, options)
                ?? throw new JsonException("A history is missing.");
            if (samples.Count > SampleHistory.Limit) throw new JsonException("A history is too long.");
            var history = SampleHistory.Empty;
            foreach (var sample in Enumerable.Reverse(samples))
            {
                (history, var refused) = history.Add(NodeId.Of(Guid.Empty), sample, sample.At);
                if (refused is not null) throw new JsonException(refused.Reason);
            }

            return history;
        }

        public override void Write(Utf8JsonWriter writer, SampleHistory value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value.Newest, options);
    }
}
