namespace VioActors.Switch.DataPlane.Tests;

/// <summary>What the parity of a super-frame makes good.</summary>
public class ParityTests
{
    private const int Part = 7;

    // Every length that needs 2 to 5 slices, every slice lost, the parity early and late.
    [Fact]
    public void Any_one_lost_slice_is_made_good()
    {
        var reassembly = new Reassembly();
        uint id = 0;
        int recovered = 0;
        for (int total = Limits.VnetHeaderBytes + 1; total <= 5 * Part; total++)
        {
            byte[] frame = [.. Enumerable.Range(1, total).Select(i => (byte)(i * 37))];
            int count = SliceHeader.CountFor(total, Part);
            for (int lost = 0; lost < count; lost++)
            {
                foreach (bool parityFirst in (bool[])[false, true])
                {
                    List<(SliceHeader, byte[])> sent = Slices(frame, ++id);
                    (SliceHeader, byte[]) parity = sent[^1];
                    sent.RemoveAt(sent.Count - 1);
                    sent.RemoveAt(lost);
                    sent.Insert(parityFirst ? 0 : sent.Count, parity);
                    Assert.Equal(1, sent.Count(slice => Completes(reassembly, slice, frame)));
                    Assert.Equal(++recovered, reassembly.Recovered);
                }
            }
        }

        Assert.Equal((0, 0, 0L), (reassembly.Open, (int)reassembly.Abandoned, reassembly.Contradictions));
    }

    [Fact]
    public void Two_lost_slices_are_lost()
    {
        var reassembly = new Reassembly();
        byte[] frame = [.. Enumerable.Range(1, 5 * Part).Select(i => (byte)i)];
        List<(SliceHeader, byte[])> sent = Slices(frame, 1);
        sent.RemoveRange(1, 2);
        Assert.DoesNotContain(sent, slice => Completes(reassembly, slice, frame));
        Assert.Equal((1, 0), (reassembly.Open, (int)reassembly.Recovered));
    }

    [Fact]
    public void The_parity_of_a_complete_frame_begins_nothing()
    {
        var reassembly = new Reassembly();
        byte[] frame = [.. Enumerable.Range(1, 3 * Part).Select(i => (byte)i)];
        Assert.Equal(1, Slices(frame, 1).Count(slice => Completes(reassembly, slice, frame)));
        Assert.Equal((0, 0), (reassembly.Open, (int)reassembly.Recovered));
    }

    [Theory]
    [InlineData(1, 7)]
    [InlineData(3, 6)]
    [InlineData(3, 12)]
    [InlineData(65, 7)]
    public void A_parity_whose_length_does_not_fit_is_no_slice(byte count, int length)
    {
        byte[] text = new byte[SliceHeader.Bytes + length];
        (new SliceHeader(1, 0, count, 0, 3 * Part, 0, 7, false) with { IsParity = true }).Write(text);
        Assert.False(SliceHeader.TryRead(text, out _));
    }

    [Fact]
    public void Slices_that_were_cut_otherwise_than_the_parity_says_end_the_frame()
    {
        var reassembly = new Reassembly();
        var header = new SliceHeader(1, 0, 3, 0, 3 * Part, 0, 7, false);
        Assert.False(reassembly.Add(1, header, new byte[Part + 1], 0, out _));
        Assert.False(reassembly.Add(1, header with { Index = 2, Offset = 2 * Part }, new byte[Part], 0, out _));
        Assert.False(reassembly.Add(1, header with { IsParity = true }, new byte[Part], 0, out _));
        Assert.Equal(1, reassembly.Contradictions);
    }

    // All slices and then the parity, each as it is after its way over the wire.
    private static List<(SliceHeader, byte[])> Slices(byte[] frame, uint id)
    {
        int count = SliceHeader.CountFor(frame.Length, Part);
        var header = new SliceHeader(id, 0, (byte)count, 0, frame.Length, 0, 7, false);
        byte[] parity = new byte[Part];
        var slices = new List<(SliceHeader, byte[])>();
        for (int index = 0; index < count; index++)
        {
            byte[] payload = frame[(index * Part)..Math.Min((index + 1) * Part, frame.Length)];
            Parity.Xor(parity, payload);
            slices.Add((header with { Index = (byte)index, Offset = index * Part }, payload));
        }

        if (count > 1)
            slices.Add((header with { IsParity = true }, parity));
        return slices;
    }

    private static bool Completes(Reassembly reassembly, (SliceHeader Header, byte[] Payload) slice, byte[] frame)
    {
        byte[] text = new byte[SliceHeader.Bytes + slice.Payload.Length];
        slice.Header.Write(text);
        Assert.True(SliceHeader.TryRead(text, out SliceHeader read));
        Assert.Equal(slice.Header, read);
        if (!reassembly.Add(1, read, slice.Payload, 0, out Span<byte> whole))
            return false;
        Assert.True(whole.SequenceEqual(frame));
        return true;
    }
}
